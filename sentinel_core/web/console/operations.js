// Keys, costs by row, settings and health: what only operators see.

import { call, get, raw, session, signIn } from "./api.js";
import { field, h, money, moment, say, show, table } from "./dom.js";

const LIMITS = [["requests_per_minute", "Requests a minute"], ["tokens_per_minute", "Tokens a minute"], ["concurrent_requests", "Requests at once"], ["usd_per_day", "Dollars a day"], ["usd_per_month", "Dollars a month"]];

export async function keys(body, tools) {
  const list = h("div", {}), shown = h("div", { "aria-live": "polite" });
  const tenant = h("input", { required: true, maxlength: 64, id: "tenant" }), name = h("input", { maxlength: 100 });
  const limits = LIMITS.map(([key, title]) => [key, title, h("input", { type: "number", min: 0, step: "any" })]);
  const load = async () => {
    if (!session.hasKeys) {
      show(list, h("p", {}, "No key exists: this server answers its own machine only. The first key closes it, and an admin key is made with it."));
      return;
    }
    const all = (await get("/v1/admin/keys?limit=1000")).keys;
    if (tools.isHere()) show(list, table("Keys", ["Name", "Tenant", "Id", "State", "Made", "Expires", "Limits", "Actions"], all.map((key) => [
      key.name || null, key.tenant, h("code", {}, key.id), key.state, moment(key.created), key.expires ? moment(key.expires) : "never",
      Object.entries(key.limits).filter(([, value]) => value !== null).map(([limit, value]) => `${limit.replaceAll("_", " ")}: ${value}`).join(", ") || "none",
      key.state === "active" ? h("span", { class: "row" },
        h("button", { type: "button", onclick: () => tools.guarded(() => rotate(key)) }, "Rotate"),
        h("button", { type: "button", onclick: (event) => revoke(event.target, key) }, "Revoke")) : null])));
  };
  const secret = (title, text) => h("div", { class: "card" }, h("h2", {}, title), h("p", { class: "secret" }, text), h("p", { class: "dim" }, "Shown this once: copy it now."));
  const made = async (result, title) => {
    const { key, admin_key: admin } = result;
    show(shown, admin && secret("Your admin key: it opens this console", admin), secret(title, key));
    if (admin) await signIn(admin);
    session.hasKeys = true;
    dispatchEvent(new Event("sentinel:keys"));
    await load();
  };
  const rotate = async (key) => made(await call("POST", `/v1/admin/keys/${key.id}/rotate`, { overlap_seconds: 3600 }), `The new key of ${key.tenant}; the old one is good for another hour`);
  const revoke = (button, key) => {
    if (button.dataset.sure) return tools.guarded(async () => { await call("DELETE", `/v1/admin/keys/${key.id}`); say("Revoked: here at once, everywhere within a minute."); await load(); });
    button.dataset.sure = "1";
    button.textContent = "Really revoke?";
    return null;
  };
  const create = async () => {
    const given = limits.filter(([, , input]) => input.value !== "").map(([key, , input]) => [key, Number(input.value)]);
    await made(await call("POST", "/v1/admin/keys", { tenant: tenant.value.trim(), name: name.value.trim(), limits: Object.fromEntries(given) }), `The key of ${tenant.value.trim()}`);
    tenant.value = name.value = "";
  };
  show(body, h("form", { onsubmit: (event) => { event.preventDefault(); tools.guarded(create); } },
    h("div", { class: "row" }, field("Tenant", tenant), field("Name of the key", name), h("button", { class: "main" }, "Make a key")),
    h("details", {}, h("summary", {}, "Limits and budgets"), h("div", { class: "row" }, limits.map(([, title, input]) => field(title, input))))), shown, list);
  await tools.guarded(load);
}

export async function costs(body, tools) {
  const list = h("div", {});
  const load = async () => {
    const response = await raw("GET", "/v1/admin/costs.csv");
    if (!response.ok) return say(`The server answered ${response.status}.`);
    const [, ...rows] = read(await response.text());
    const wanted = session.tenant ? rows.filter((row) => row[1] === session.tenant) : rows;
    if (tools.isHere()) show(list, [["Tenants", 1], ["Models", 4], ["Providers", 3], ["Keys", 2]].map(([title, column]) => [h("h2", {}, title), summed(title, wanted, column)]));
    return null;
  };
  const download = async () => {
    const blob = await (await raw("GET", "/v1/admin/costs.csv")).blob();
    const link = h("a", { href: URL.createObjectURL(blob), download: "sentinel-costs.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  show(body, h("p", { class: "dim" }, "Of this server process since it started."), h("p", {}, h("button", { type: "button", onclick: () => tools.guarded(download) }, "Download as CSV")), list);
  await tools.every(10, load);
}

function summed(title, rows, column) {
  const sums = new Map();
  rows.forEach((row) => {
    const name = row[column] || "(none)", sum = sums.get(name) || { requests: 0, hits: 0, tokens: 0, cost: 0, saved: 0 };
    sum.requests += Number(row[6]);
    if (row[5].startsWith("hit_") || row[5] === "stale") sum.hits += Number(row[6]);
    sum.tokens += Number(row[7]) + Number(row[8]);
    sum.cost += Number(row[10]);
    sum.saved += Number(row[11]);
    sums.set(name, sum);
  });
  return table(title, ["Name", "#Requests", "#Hits", "#Tokens billed", "#Spent", "#Avoided"],
    [...sums].sort((a, b) => b[1].requests - a[1].requests).slice(0, 50).map(([name, sum]) => [name, sum.requests, sum.hits, sum.tokens, money(sum.cost), money(sum.saved)]));
}

// CSV of RFC 4180: cells with commas, quotes or line ends are quoted.
function read(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

export async function settings(body, tools) {
  const health = h("div", {}), list = h("div", {}), filter = h("input", { type: "search", oninput: () => draw() });
  let all = [];
  const draw = () => show(list, table("Settings in force", ["Setting", "Value", "Meaning"],
    all.filter((each) => !filter.value || (each.name + each.meaning).toLowerCase().includes(filter.value.toLowerCase())).map((each) => [h("code", {}, each.name), each.value || null, each.meaning])));
  show(body, health, h("h2", {}, "Settings in force"), h("div", { class: "row" }, field("Filter", filter, { class: "wide" })), list);
  await tools.guarded(async () => { all = (await get("/v1/admin/settings")).settings; draw(); });
  await tools.every(10, async () => {
    const parts = await get("/health?deep=1");
    show(health, h("div", { class: "cards" }, Object.entries(parts).map(([name, value]) =>
      h("section", { class: "card" }, h("h2", {}, name), h("p", { class: `big${name !== "provider" && !/^(ok|ready)$/.test(value) ? " bad" : ""}` }, value)))));
  });
}
