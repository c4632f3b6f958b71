// Hit rate, dollars, latency, errors and the share of wrong hits, over an hour, a day or a month.

import { get, seen } from "./api.js";
import { clock, day, h, money, moment, ms, percent, rate, select, show, field, svg, table } from "./dom.js";

const SPANS = { hour: ["minute", 60, 60], day: ["hour", 24, 3600], month: ["day", 31, 86400] };
const PARTS = [["exact_hits", "exact", "exact hits"], ["semantic_hits", "semantic", "semantic hits"],
  ["stale_answers", "stale", "stale"], ["misses", "miss", "misses and bypasses"], ["errors", "error", "errors"]];
let span = "hour";

export async function overview(body, tools) {
  const content = h("div", {});
  const load = async () => {
    const [step, last, seconds] = SPANS[span];
    const series = await get(seen("series", { step, last }));
    if (tools.isHere()) show(content, drawn(series, seconds, last));
  };
  show(body, h("div", { class: "row" }, field("Over the last", select(
    [["hour", "hour"], ["day", "day"], ["month", "month"]], span,
    (value) => { span = value; tools.guarded(load); }))), content);
  await tools.every(5, load);
}

function drawn(series, seconds, last) {
  const { total, wrong_hits: wrong } = series;
  const hits = total.exact_hits + total.semantic_hits + total.stale_answers;
  const share = (count) => (total.requests ? count / total.requests : null);
  const full = total.saved_usd + total.cost_usd;
  return [
    h("div", { class: "cards" },
      card("Hit rate", percent(share(hits)), `exact ${percent(share(total.exact_hits))}, semantic ${percent(share(total.semantic_hits))}`),
      card("Net saving", money(total.saved_usd - total.cost_usd - total.own_usd), `${money(total.saved_usd)} avoided − ${money(total.cost_usd)} spent − ${money(total.own_usd)} for the cache's own work (judge, audits)`),
      card("Share of cost avoided", percent(full ? total.saved_usd / full : null), total.unpriced ? `${total.unpriced} answers of unknown price` : "all prices known"),
      card("Wrong hits", wrong.judged ? rate(wrong.rate, wrong.wrong, wrong.judged) : "not judged", wrong.judged
        ? `${wrong.wrong} of ${wrong.judged} judged by people; the true share is ${percent(wrong.low)} to ${percent(wrong.high)} (95 %)`
        : h("a", { href: "#hits" }, "Judge served hits")),
      card("Requests", String(total.requests), `${total.rejected} rejected besides`),
      card("Errors", String(total.errors), percent(share(total.errors)))),
    h("h2", {}, "Requests over time"), chart(series.points, seconds, last), legend(),
    h("details", {}, h("summary", {}, "As a table"), table("Requests over time", ["Time", ...PARTS.map(([, , title]) => `#${title}`), "#spent", "#avoided"],
      series.points.map((point) => [seconds >= 86400 ? day(point.at) : moment(point.at), ...PARTS.map(([name]) => count(point, name)), money(point.cost_usd), money(point.saved_usd)]))),
    h("h2", {}, "Latency by outcome"),
    table("Latency by outcome", ["Outcome", "#count", "#p50", "#p95", "#p99"], Object.entries(total.latency_ms).map(([name, each]) =>
      [name, each.count, ms(each.p50), ms(each.p95), ms(each.p99)])),
    h("p", { class: "dim" }, series.source === "instances" ? "Figures of all instances." : "Figures of this server process since it started."),
  ];
}

const card = (title, big, small) => h("section", { class: "card" }, h("h2", {}, title), h("p", { class: "big" }, big), h("p", { class: "dim" }, small));
const count = (point, name) => (name === "misses" ? point.misses + point.bypasses + point.other : point[name]);

function chart(points, seconds, last) {
  const width = 720, height = 170, left = 34, bottom = 20;
  const end = Math.floor(Date.now() / 1000 / seconds) * seconds, start = end - (last - 1) * seconds;
  const top = Math.max(1, ...points.map((point) => point.requests)), step = (width - left - 6) / last;
  const bars = points.map((point) => {
    let y = height - bottom;
    const x = left + ((point.at - start) / seconds) * step;
    return PARTS.map(([name, kind]) => {
      const size = (count(point, name) / top) * (height - bottom - 14);
      y -= size;
      return size ? svg("rect", { class: `f-${kind}`, x, y, width: Math.max(1, step - 1.5), height: size }) : null;
    });
  });
  const label = (at) => (seconds >= 86400 ? day(at) : clock(at).slice(0, 5));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Requests over time, at most ${top} a step; the table below has all figures` },
    svg("text", { x: 4, y: 18 }, String(top)), svg("text", { x: 4, y: height - bottom }, "0"), ...bars.flat(2).filter(Boolean),
    svg("text", { x: left, y: height - 5 }, label(start)), svg("text", { x: width - 6, y: height - 5, "text-anchor": "end" }, label(end)));
}

const legend = () => h("p", { class: "legend" }, PARTS.map(([, kind, title]) => h("span", {},
  svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("rect", { class: `f-${kind}`, width: 12, height: 12 })), ` ${title}`)));
