// A running experiment: two policies on the same traffic, with each difference and its interval.

import { ApiError, get } from "./api.js";
import { h, money, ms, percent, show, table } from "./dom.js";

const FIGURES = [
  ["hit_share", "Requests answered from the cache", percent], ["semantic_hit_share", "Of them in other words, as a share of all", percent],
  ["saved_usd_per_request", "Avoided by request", money], ["cost_usd_per_request", "Spent by request", money],
  ["latency_ms", "Mean time of an answer", ms], ["wrong_hits", "Wrong hits, as audits measured", percent]];

export async function experiment(body, tools) {
  const content = h("div", {});
  show(body, h("p", { class: "dim" }, "A policy sets other values for a share of callers (B) and leaves the others as they are (A). ", h("a", { href: "guide/policy" }, "How to begin one")), content);
  const load = async () => {
    let page;
    try {
      page = await get("/v1/admin/experiment");
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      return show(content, h("p", {}, "The policy runs no experiment."));
    }
    if (tools.isHere()) show(content, compared(page));
    return null;
  };
  await tools.guarded(async () => {
    const { settings } = await get("/v1/admin/settings");
    if (settings.some((each) => each.name === "SENTINEL_POLICY" && each.value)) await tools.every(10, load);
    else show(content, h("p", {}, "No experiment runs: SENTINEL_POLICY names the file of a policy, which may hold one."));
  });
}

function compared(page) {
  const [a, b] = page.arms;
  return [
    h("h2", {}, page.name),
    h("p", { class: "dim" }, `B for ${percent(page.share)} of callers, since ${page.since}.`),
    table("Both policies", ["Figure", "#A: as before", "#B: tried", "#B less A", "#95 % interval", "Reading"], [
      ["Requests", a.requests, b.requests, null, null, null],
      ...FIGURES.map(([name, title, shown]) => [title, value(a[name], shown), value(b[name], shown), ...difference(page.differences[name], shown)]),
    ]),
    [a, b].some((arm) => arm.unpriced_requests) ? h("p", { class: "dim" }, `Answers of unknown price: ${a.unpriced_requests} under A, ${b.unpriced_requests} under B. The dollars are lower bounds.`) : null,
    h("p", { class: "dim" }, "Intervals are over 16 groups of callers; both policies need requests of 4 groups. A difference whose interval holds zero may be chance."),
  ];
}

// Wrong hits are counts with a rate, or the words "not measured".
function value(figure, shown) {
  const rate = figure !== null && typeof figure === "object" ? figure.rate : figure;
  return typeof rate === "string" ? rate : rate === null || rate === undefined ? "–" : shown(rate);
}

function difference(found, shown) {
  if (!found || found.b_minus_a === null) return ["–", "–", "not known yet"];
  const text = `${found.b_minus_a > 0 ? "+" : ""}${shown(found.b_minus_a)}`;
  if (found.low === null || found.high === null) return [text, "–", "too few callers"];
  const reading = found.low > 0 ? "B has more" : found.high < 0 ? "B has less" : "no clear difference";
  return [text, `${shown(found.low)} to ${shown(found.high)}`, reading];
}
