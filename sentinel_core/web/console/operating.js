// Providers with their circuit breakers, alerts, the judge's learning and the audit log: what only operators see.

import { ApiError, call, get, needsTenant, raw, seen, session } from "./api.js";
import { h, money, moment, percent, rate, say, show, table } from "./dom.js";

const STATES = { ok: "works", failing: "has failed of late", open: "is left alone for some seconds" };

export async function providers(body, tools) {
  const content = h("div", {});
  show(body, h("p", { class: "dim" }, "Who may be asked, with the circuit breakers of this server process. An open breaker refuses calls of its model, then lets one try."), content);
  await tools.every(5, async () => {
    const { providers: all } = await get("/v1/admin/providers");
    if (!tools.isHere()) return;
    show(content, table("Providers", ["Provider", "State", "Default model", "#Answers", "#Spent", "#Avoided", "Circuit breakers"], all.map((each) => [
      h("span", {}, each.name, each.is_default ? " (default)" : ""), h("span", { class: each.state === "ok" ? null : "bad" }, STATES[each.state]), each.default_model || null,
      each.answers, money(each.cost_usd), money(each.saved_usd),
      each.circuits.length ? h("ul", { class: "plain" }, each.circuits.map((circuit) => h("li", {},
        `${circuit.model}: ${circuit.state}, ${circuit.failures} failures${circuit.retry_seconds ? `, next try in ${circuit.retry_seconds} s` : ""}`))) : "all closed"])));
  });
}

export async function alerts(body, tools) {
  const content = h("div", {});
  show(body, h("p", { class: "dim" }, "The latest alerts that this server process raised. SENTINEL_ALERT_URL has them sent to a webhook as well. ", h("a", { href: "guide/alerts" }, "All kinds")), content);
  await tools.every(10, async () => {
    const { alerts: all } = await get("/v1/admin/alerts");
    if (tools.isHere()) show(content, table("Alerts", ["Time", "Kind", "What happened", "Facts"], all.map((each) => [
      moment(each.at), each.kind, each.text, Object.entries(each.facts).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`).join(", ") || null]), "No alert so far."));
  });
}

export async function judge(body, tools) {
  if (needsTenant()) return show(body, h("p", {}, "Choose a tenant above: what is learned is kept by tenant."));
  const content = h("div", {});
  const reset = h("button", { type: "button", onclick: () => tools.guarded(async () => {
    if (!reset.dataset.sure) { reset.dataset.sure = "1"; reset.textContent = "Really forget?"; return; }
    const { changed } = await call("POST", "/v1/admin/learning/reset", session.tenant ? { tenant: session.tenant } : {});
    say(changed ? "Forgotten: the shipped odds hold again." : "Nothing had been learned.");
    delete reset.dataset.sure;
    reset.textContent = "Forget what was learned";
    await load();
  }) }, "Forget what was learned");
  const freeze = (isFrozen) => h("button", { type: "button", onclick: () => tools.guarded(async () => {
    await call("POST", "/v1/admin/learning/freeze", { frozen: isFrozen, ...(session.tenant ? { tenant: session.tenant } : {}) });
    say(isFrozen ? "Frozen: the odds stay as they are, in all instances within half a minute." : "It learns again.");
  }) }, isFrozen ? "Freeze learning" : "Let it learn");
  const load = async () => {
    const view = await get(seen("learning"));
    if (tools.isHere()) show(content, h("p", { class: "row" }, freeze(true), freeze(false), reset), learned(view));
  };
  show(body, content);
  await tools.guarded(async () => {
    const { settings } = await get("/v1/admin/settings");
    if (settings.some((each) => each.name === "SENTINEL_JUDGE" && each.value)) await tools.every(10, load);
    else show(content, h("p", {}, "No judge configured: SENTINEL_JUDGE names a model that is asked about doubtful pairs, and what it says steers the gate. ", h("a", { href: "guide/learning" }, "How it learns")));
  });
  return null;
}

function learned(view) {
  const { ledger, wrong_hits: wrong } = view;
  const measured = (each) => (typeof each.rate === "number" ? `${rate(each.rate, each.seen_wrong, each.audits)} (95 %: ${percent(each.low)} to ${percent(each.high)})` : each.rate);
  return [
    h("div", { class: "cards" },
      card("Net of judge and audits", money(ledger.net_usd), `${money(ledger.avoided_usd)} avoided − ${money(ledger.judge_usd)} judge − ${money(ledger.audit_usd)} audits`),
      card("Wrong hits, audited", measured(wrong), `${wrong.seen_wrong} of ${wrong.audits} audits`),
      card("Judge", String(view.counts.judge_calls || 0), `calls: ${view.counts.judge_same || 0} the same, ${view.counts.judge_different || 0} different, ${view.counts.judge_silent || 0} without a word`)),
    h("h2", {}, "Steering"),
    h("p", { class: "dim" }, "Pairs that the gate holds for equally likely to be the same, and whether they are served."),
    table("Odds", ["Rule or confidence", "#Words of the judge", "#Expected share of equal pairs", "Served"],
      Object.entries(view.strata).map(([name, each]) => [name, each.learned_from, percent(each.share_same), each.served]), "Nothing is learned of a single tenant here yet."),
    h("h2", {}, "Wrong hits by model"),
    table("Wrong hits by model", ["Model", "#Audits", "#Wrong", "Rate"], view.wrong_hits_by_model.map((each) => [each.model, each.audits, each.seen_wrong, measured(each)]), "No audit yet."),
  ];
}

const card = (title, big, small) => h("section", { class: "card" }, h("h2", {}, title), h("p", { class: "big" }, big), h("p", { class: "dim" }, small));

export async function audit(body, tools) {
  const content = h("div", {});
  show(body, h("p", { class: "dim" }, "The latest 200 actions of operators and keys, in a chain of hashes that ", h("code", {}, "sentinel audit verify"), " checks."), content);
  const records = [];
  for (let cursor = "", page = 0; page < 50 && cursor !== null; page += 1) {
    const response = await raw("GET", `/v1/admin/audit?limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (response.status === 404) break;
    if (!response.ok) throw new ApiError(response.status, `The server answered ${response.status}.`);
    records.push(...(await response.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line)));
    records.splice(0, Math.max(0, records.length - 200));
    cursor = response.headers.get("x-sentinel-next-cursor");
  }
  if (!tools.isHere()) return;
  show(content, table("Audit log", ["Time", "Who", "Action", "From", "#Status", "Before and after"], records.reverse().map(({ at, action }) => [
    moment(at), action.actor, action.action, action.origin || null, action.status,
    action.before || action.after ? h("details", {}, h("summary", {}, "Values"), ["before", "after"].filter((name) => action[name]).map((name) =>
      h("p", { class: "text" }, `${name}: ${JSON.stringify(action[name])}`))) : null]), "No action so far."));
}
