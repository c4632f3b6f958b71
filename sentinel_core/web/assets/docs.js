// A file of its own, because the page's content-security policy refuses inline scripts.
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "openapi.json", // beside the page, so that a base path needs no setting here
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null, // would ask a site elsewhere
    persistAuthorization: false, // a key stays in the memory of this page only
    displayRequestDuration: true,
  });
});
