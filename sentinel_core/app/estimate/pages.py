"""An estimate as an HTML report and a CSV file to pass on."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from sentinel_core.app.estimate.meanings import NO_NAME, OUTCOMES, SHARES, named
from sentinel_core.app.estimate.verdicts import RIGHT, WRONG
from sentinel_core.support.csv_cells import cell

_STYLE = (
    "body{font:15px system-ui;margin:2em auto;max-width:70em;padding:0 1em}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #ccc;padding:.3em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{overflow-wrap:normal}b.big{font-size:2.4em}button{font:inherit;margin:.1em;white-space:nowrap}"
    "button[aria-pressed=true]{background:#246;color:#fff}"
)
_SCRIPT = """
const all=[...document.querySelectorAll('tr[data-id]')],semantic=+document.body.dataset.semantic;
function upper(k,n){const z=1.959964,p=k/n,s=1+z*z/n;
return Math.min(1,(p+z*z/2/n)/s+z*Math.sqrt(p*(1-p)/n+z*z/4/n/n)/s)}
function verdicts(){const v={};all.forEach(r=>{const b=r.querySelector('button[aria-pressed=true]');
if(b)v[r.dataset.id]=b.value});return v}
function count(){const v=verdicts();
const given=Object.values(v),k=given.filter(x=>x==='wrong').length,n=given.length;
const u=n?(n>=semantic?k/n:upper(k,n)):null;
document.getElementById('bound').textContent=n?`${k} of ${n} wrong: at most ${(100*u).toFixed(1)} % of hits by meaning`
+' are wrong (95 %, if the rest is no riskier than these)':'No pair is judged yet.';
document.getElementById('verdicts').value=JSON.stringify(v,null,2)}
function press(b){const on=b.getAttribute('aria-pressed')!=='true';
b.parentNode.querySelectorAll('button').forEach(o=>o.setAttribute('aria-pressed',String(o===b&&on)));count()}
function download(){const a=document.createElement('a');a.download='verdicts.json';
a.href=URL.createObjectURL(new Blob([JSON.stringify(verdicts(),null,2)+'\\n'],{type:'application/json'}));
a.click();setTimeout(()=>URL.revokeObjectURL(a.href),10000)}
if(all.length){document.addEventListener('click',e=>{const b=e.target.closest('button');
if(b)b.id==='download'?download():press(b)});count()}
"""


def html(result: Mapping[str, Any]) -> str:
    """Return the report as a page that loads nothing and in which every text of the log is escaped."""
    semantic = result["by_meaning_percent"] * result["requests"] / 100
    return "\n".join(
        (
            "<!doctype html><html lang=en><head><meta charset=utf-8><title>What Sentinel would save</title>",
            f"<meta http-equiv=content-security-policy content=\"default-src 'none'; style-src '{_hash(_STYLE)}'; "
            f"script-src '{_hash(_SCRIPT)}'; base-uri 'none'; form-action 'none'\">",
            f"<style>{_STYLE}</style></head><body data-semantic={semantic:.0f}>",
            "<h1>What Sentinel would save</h1>",
            f"<p><b class=big>{result['hit_rate_percent']} %</b> of {result['requests']:,} requests would have been "
            f"answered from the cache: {result['exact_percent']} % because the same words were asked before, "
            f"{result['by_meaning_percent']} % because the same was asked in other words. At most "
            f"{result['possible_percent']} % were possible, if its gate refused no near prompt.</p>",
            f"<p><b>${result['net_saved_usd']:,.4f}</b> saved of ${result['usd']:,.4f}, after the cache's own cost on "
            f"AWS Lambda; seconds of waiting saved: {_or_unknown(result['saved_seconds'])}.</p>",
            _facts("Shares of requests", ("Requests", "Percent"), named(result["shares_percent"], SHARES)),
            _facts("If more or fewer answers may be wrong", ("SENTINEL_MAX_WRONG", "Answered"), _budgets(result)),
            _parts("By route", result["routes"]),
            _parts("By model", result["models"]),
            _facts(
                "Equal prompts that share no answer",
                ("Part of the request that differs", "Misses"),
                result["scope"]["parts_that_differ"],
            ),
            _facts("What the cache would have decided", ("Decision", "Requests"), named(result["outcomes"], OUTCOMES)),
            "<h2>Settings to start with</h2><pre>" + escape("\n".join(result["settings"])) + "</pre>",
            _pairs(result["riskiest_pairs"]),
            "<p>" + escape(" ".join(result["notes"])) + "</p>",
            f"<script>{_SCRIPT}</script></body></html>",
        )
    )


def write_pairs(path: Path, pairs: Iterable[Mapping[str, Any]]) -> None:
    """Write the riskiest pairs as CSV, in which no cell begins a formula."""
    columns = ("id", "asked", "stored", "answer", "similarity", "risk", "verdict")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([cell(each[name]) for name in columns] for each in pairs)


def _facts(title: str, columns: tuple[str, str], facts: Mapping[str, Any]) -> str:
    if not facts:
        return ""
    rows = "<tr>" + "".join(f"<th>{escape(name)}" for name in columns)
    rows += "".join(f"<tr><td>{escape(str(name))}<td>{escape(str(value))}" for name, value in facts.items())
    return f"<h2>{escape(title)}</h2><table>{rows}</table>"


def _budgets(result: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{float(name):.1%}": f"{each['hit_rate_percent']} % of the first {each['rows']:,} requests"
        for name, each in result["budgets"].items()
    }


def _parts(title: str, parts: Mapping[str, Any]) -> str:
    if set(parts) == {"-"}:
        return ""
    rows = "".join(
        f"<tr><td>{escape(NO_NAME if name == '-' else name)}<td>{each['requests']:,}<td>{each['hit_rate_percent']} %"
        f"<td>${each['usd']:,.4f}"
        f"<td>${each['net_saved_usd']:,.4f}<td>{_or_unknown(each['saved_seconds'])}"
        for name, each in parts.items()
    )
    heading = (
        "<tr><th>Name<th>Requests<th>Answered from the cache<th>Price of all<th>Saved after own cost<th>Seconds saved"
    )
    return f"<h2>{escape(title)}</h2><table>{heading}{rows}</table>"


def _pairs(pairs: Iterable[Mapping[str, Any]]) -> str:
    rows = "".join(_pair_row(each) for each in pairs)
    if not rows:
        return ""
    return (
        "<h2>Answers it is least sure of</h2><p>Is the stored answer right for what was asked?</p><p id=bound></p>"
        "<table><tr><th>Asked<th>Asked before<th>Answer that was stored then<th>Chance that it is wrong<th>Verdict"
        f"{rows}</table>"
        "<p><button type=button id=download>Download verdicts.json</button> for "
        "<code>sentinel estimate LOG --verdicts verdicts.json</code>, or copy:</p>"
        "<textarea id=verdicts rows=6 cols=60 readonly></textarea>"
    )


def _pair_row(pair: Mapping[str, Any]) -> str:
    cells = "".join(f"<td>{escape(str(pair[name]))}" for name in ("asked", "stored", "answer"))
    cells += f"<td>{pair['risk']:.1%}"
    choices = "".join(
        f"<button type=button value={value} aria-pressed={str(pair['verdict'] == value).lower()}>{value}</button>"
        for value in (RIGHT, WRONG)
    )
    return f'<tr data-id="{escape(pair["id"])}">{cells}<td>{choices}'


def _hash(text: str) -> str:
    """Name an inline script or style to the page's policy, so that no other one runs (CSP level 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _or_unknown(seconds: float | None) -> str:
    return "not known" if seconds is None else f"{seconds:,.0f}"
