// What every client under Node is given, and how it says what came of its cases.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Arguments: base URL without /v1, where node_modules is, and two keys.
export function given() {
  const [base, modules, good, bad] = process.argv.slice(2);
  return { base, modules, good, bad };
}

export const load = (name) => import(pathToFileURL(createRequire(`${given().modules}/`).resolve(name)));

// Run each case twice, because the second may be a hit, and print what came of it as JSON.
export async function run(cases) {
  const told = {};
  for (const [name, ask] of Object.entries(cases)) {
    told[name] = [];
    for (let turn = 0; turn < 2; turn++) told[name].push(await ask().catch(raised));
  }
  console.log(JSON.stringify(told));
}

// The cases that every SDK of one call has; `ask` takes a case, parameters and options of the client.
export function failures(ask) {
  const options = { key: { apiKey: given().bad }, slow: { timeout: 400 } };
  const names = ["key", "missing", "invalid", "limited", "slow", "broken", "crashed"];
  return Object.fromEntries(names.map((name) => [name, () => ask(name, {}, options[name])]));
}

function raised(error) {
  const kinds = [];
  for (let kind = error.constructor; kind.name && kind !== Error; kind = Object.getPrototypeOf(kind)) kinds.push(kind.name);
  return { raises: kinds, status: error.status ?? error.statusCode ?? null, code: error.code ?? null };
}
