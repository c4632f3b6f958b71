// Starts the console: signs in, and shows the view that the address names.

import { ApiError, findTenants, isOperator, session, signIn, signOut } from "./api.js";
import { field, h, say, select, show } from "./dom.js";
import { overview } from "./overview.js";
import { requests } from "./requests.js";
import { hits } from "./hits.js";
import { whyNot, nearMisses } from "./matching.js";
import { playground } from "./playground.js";
import { entries, top } from "./entries.js";
import { keys, costs, settings } from "./operations.js";
import { alerts, audit, judge, providers } from "./operating.js";
import { experiment } from "./experiment.js";
import { lab } from "./lab.js";

const VIEWS = [
  ["overview", "Overview", overview, false],
  ["requests", "Live requests", requests, false],
  ["hits", "Judge hits", hits, false],
  ["why-not", "Why not?", whyNot, false],
  ["near-misses", "What could hit", nearMisses, true],
  ["playground", "Playground", playground, false],
  ["entries", "Entries", entries, false],
  ["top", "Top prompts", top, true],
  ["keys", "Keys", keys, true],
  ["costs", "Costs", costs, true],
  ["providers", "Providers", providers, true],
  ["judge", "Judge and steering", judge, true],
  ["experiment", "Experiment", experiment, true],
  ["alerts", "Alerts", alerts, true],
  ["lab", "Quality lab", lab, false],
  ["audit", "Audit log", audit, true],
  ["settings", "Settings and health", settings, true],
];

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const who = document.getElementById("who");
let leave = [];

const seenViews = () => VIEWS.filter(([, , , isOperators]) => !isOperators || isOperator());

// A view gets its element and `tools`: `every` repeats until the view is left, `on` listens until then.
async function open() {
  leave.forEach((stop) => stop());
  leave = [];
  if (!session.role) return signInPage();
  const [name, title, view] = seenViews().find(([each]) => `#${each}` === location.hash) || VIEWS[0];
  show(nav, seenViews().map(([each, shown]) =>
    h("a", { href: `#${each}`, "aria-current": each === name ? "page" : null }, shown)));
  nav.hidden = false;
  const current = nav.querySelector("[aria-current]");
  nav.scrollLeft = current.offsetLeft - nav.clientWidth / 2;
  header();
  document.title = `${title} - Sentinel console`;
  const body = h("div", {});
  show(main, h("h1", {}, title), body);
  let isHere = true;
  leave.push(() => { isHere = false; });
  const guarded = async (act) => {
    try { await act(); } catch (error) { if (isHere) failed(error); }
  };
  const tools = {
    isHere: () => isHere,
    guarded,
    every(seconds, act) {
      const timer = setInterval(() => { if (!document.hidden) guarded(act); }, seconds * 1000);
      leave.push(() => clearInterval(timer));
      return guarded(act);
    },
    on(target, event, act) {
      target.addEventListener(event, act);
      leave.push(() => target.removeEventListener(event, act));
    },
    reopen: open,
  };
  await guarded(() => view(body, tools));
}

function failed(error) {
  if (error instanceof ApiError && error.status === 401) {
    signOut();
    say("The key is not accepted any more.");
    open();
  } else {
    say(error.message);
  }
}

function header() {
  const tenants = isOperator() && session.tenants.length
    ? field("Tenant", select([["", "everyone"], ...session.tenants.map((name) => [name, name])], session.tenant,
      (value) => { session.tenant = value; open(); }))
    : null;
  const text = session.key ? (isOperator() ? "operator" : "a tenant's key") : "open to this machine";
  const out = session.key ? h("button", { type: "button", onclick: () => { signOut(); open(); } }, "Sign out") : null;
  show(who, tenants, h("span", {}, text), out, h("a", { href: "guide" }, "Guide"), h("a", { href: "docs" }, "API"));
}

function signInPage() {
  nav.hidden = true;
  document.title = "Sign in - Sentinel console";
  show(who, h("a", { href: "guide" }, "Guide"), h("a", { href: "docs" }, "API"));
  const input = h("input", { type: "password", autocomplete: "off", required: true, "aria-describedby": "key-help", size: 44 });
  const problem = h("p", { class: "bad", role: "alert" });
  const form = h("form", { class: "row", onsubmit: async (event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      if (await signIn(input.value.trim())) await open();
      else problem.textContent = "No such key: it is unknown, expired or revoked.";
    } catch (error) {
      problem.textContent = error.message;
    }
  } }, field("Key", input, { class: "wide" }), h("button", { class: "main" }, "Sign in"));
  show(main, h("h1", {}, "Sign in"), form, problem, h("p", { id: "key-help", class: "dim" },
    "The admin key shows all tenants, a tenant's API key its own requests. The key stays in this page's memory: a reload forgets it."));
  input.focus();
}

addEventListener("hashchange", async () => { await open(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
addEventListener("sentinel:keys", async () => { await findTenants().catch(() => null); header(); });
try {
  await signIn(null);
} catch (error) {
  say(error.message);
}
await open();
