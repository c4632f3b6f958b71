// Calls of the API. Keys are in this module's memory only: a reload forgets them, and no address holds them.

const base = location.pathname.replace(/\/console\/?$/, "");

export const session = { key: null, role: null, tenants: [], tenant: "", hasKeys: false, tenantKey: null };

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function raw(method, path, { body, headers, key = session.key } = {}) {
  const sent = { ...headers };
  if (key) sent.authorization = `Bearer ${key}`;
  if (body !== undefined) sent["content-type"] = "application/json";
  return fetch(base + path, {
    method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body), credentials: "omit",
  });
}

export async function call(method, path, body, key = session.key) {
  let response;
  try {
    response = await raw(method, path, { body, key });
  } catch {
    throw new ApiError(0, "The server does not answer.");
  }
  const content = await response.json().catch(() => null);
  if (!response.ok) {
    const error = content && (content.error || content.detail);
    throw new ApiError(response.status, (error && error.message) || `The server answered ${response.status}.`);
  }
  return content;
}

export const get = (path) => call("GET", path);
export const isOperator = () => session.role === "operator";

// The route of what both operators and tenants see: an operator's by tenant, a tenant's own.
export function seen(name, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  if (isOperator() && session.tenant) given.push(["tenant", session.tenant]);
  const text = new URLSearchParams(given).toString();
  return `${isOperator() ? "/v1/admin" : "/v1/cache"}/${name}${text ? `?${text}` : ""}`;
}

export const needsTenant = () => isOperator() && session.hasKeys && !session.tenant;

export async function signIn(key) {
  session.key = key;
  try {
    await get("/v1/admin/settings");
    session.role = "operator";
    await findTenants();
    return true;
  } catch (error) {
    if (error.status !== 401 && error.status !== 403) throw error;
  }
  try {
    await get("/v1/cache/requests?limit=1");
    session.role = "tenant";
    return true;
  } catch (error) {
    if (error.status !== 401 && error.status !== 403) throw error;
  }
  signOut();
  return false;
}

export function signOut() {
  Object.assign(session, { key: null, role: null, tenants: [], tenant: "", hasKeys: false, tenantKey: null });
}

export async function findTenants() {
  const stats = await get("/v1/admin/stats");
  const names = new Set(Object.keys(stats.tenants));
  session.hasKeys = session.key !== null;
  if (session.hasKeys) {
    try {
      const { keys } = await get("/v1/admin/keys?limit=1000");
      keys.forEach((key) => names.add(key.tenant));
    } catch (error) {
      if (error.status !== 404) throw error;
      session.hasKeys = false;
    }
  }
  session.tenants = [...names].sort();
}
