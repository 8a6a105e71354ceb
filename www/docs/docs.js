// SPDX-License-Identifier: BSD-2-Clause
// Shows openapi.json: a list of operations, and each with its parameters,
// body, replies and a curl line.  Builds nodes only, never markup.
"use strict";

const VERBS = ["get", "post", "put", "delete"];
let doc;

const byId = (id) => document.getElementById(id);

// h("p.soft", {id: "x"}, "text", node, ...)
function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length > 0) {
    node.className = classes.join(" ");
  }
  for (const [name, value] of Object.entries(attributes || {})) {
    node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

// `code` and blank lines are all that descriptions have of Markdown.
function prose(text) {
  return (text || "").split(/\n\n+/).filter(Boolean).map((part) =>
    h("p", {}, ...words(part)));
}

function words(text) {
  return (text || "").split(/`([^`]*)`/).map((piece, i) =>
    i % 2 === 1 ? h("code", {}, piece) : piece);
}

function resolve(thing) {
  while (thing && thing.$ref) {
    thing = thing.$ref.slice(2).split("/").reduce((at, key) => at[key], doc);
  }
  return thing;
}

const nameOf = (thing) => thing.$ref ? thing.$ref.split("/").pop() : null;

// Schemas -----------------------------------------------------------------

// null alternatives are said in a word; the rest is what counts
function alternatives(schema) {
  return (schema.anyOf || schema.oneOf || []).filter((s) => s.type !== "null");
}

function mayBeNull(schema) {
  return [].concat(schema.type || []).includes("null") ||
    (schema.anyOf || []).some((s) => s.type === "null");
}

function kind(schema) {
  const types = [].concat(schema.type || []).filter((t) => t !== "null");
  const others = alternatives(schema);
  let text;
  if (schema.$ref) {
    text = nameOf(schema);
  } else if (others.length > 0) {
    text = others.map(kind).join(" or ");
  } else if (types[0] === "array") {
    text = `array of ${kind(schema.items || {})}`;
  } else if (types[0] === "object" &&
      typeof schema.additionalProperties === "object") {
    text = `map to ${kind(schema.additionalProperties)}`;
  } else {
    text = types.join(" or ") || "any value";
  }
  if (schema.format) {
    text += ` (${schema.format})`;
  }
  return mayBeNull(schema)
    ? text + (types[0] === "array" ? ", or null" : " or null") : text;
}

function bounds(schema) {
  const found = [];
  const say = (key, text) => {
    if (schema[key] !== undefined) {
      found.push(`${text} ${schema[key]}`);
    }
  };
  if (schema.enum) {
    const values = schema.enum.filter((x) => x !== null)
      .map((x) => JSON.stringify(x));
    found.push(`${values.length > 1 ? "one of " : "always "
      }${values.join(", ")}`);
  }
  say("minimum", "at least");
  say("exclusiveMinimum", "greater than");
  say("maximum", "at most");
  const counted = [["Length", "characters"], ["Items", "items"],
    ["Properties", "members"]];
  for (const [suffix, unit] of counted) {
    const least = schema[`min${suffix}`];
    const most = schema[`max${suffix}`];
    if (least !== undefined || most !== undefined) {
      found.push(`${[least, most].filter((x) => x !== undefined).length === 2
        ? `${least} to ${most}` : least === undefined
          ? `up to ${most}` : `at least ${least}`} ${unit}`);
    }
  }
  if (schema.uniqueItems) {
    found.push("no item twice");
  }
  if (schema.pattern) {
    found.push(`matches ${schema.pattern}`);
  }
  if (schema.default !== undefined) {
    found.push(`default ${JSON.stringify(schema.default)}`);
  }
  return found.join("; ");
}

// The object schemas inside one: what a reader may want to unfold.
function inside(schema) {
  if (schema.$ref) {
    const target = resolve(schema);
    return target.properties ? [schema] : inside(target);
  }
  return [...alternatives(schema), schema.items,
    schema.additionalProperties].filter((s) => s && typeof s === "object")
    .flatMap(inside);
}

// A fold whose content is made when it is opened first: schemas are deep.
function fold(what, summary, make) {
  const node = h(what, {}, h("summary", {}, ...[].concat(summary)));
  node.addEventListener("toggle", () => {
    if (node.open && node.childElementCount === 1) {
      node.append(make());
    }
  });
  return node;
}

// note: what is said beside the type; reply: it is one, not a request
function field(name, schema, note, about, reply) {
  const limits = bounds(schema);
  return h("div", {},
    h("dt", {}, h("code", {}, name), h("span.kind", {}, kind(schema)),
      note ? h(reply ? "span.kind" : "span.must", {}, note) : null),
    h("dd", {}, ...words(about),
      limits ? h("span.bounds", {}, limits) : null,
      ...inside(schema).map((s) => fold("details.inner", nameOf(s),
        () => members(resolve(s), reply)))));
}

function members(schema, reply) {
  const note = (name) => {
    const always = (schema.required || []).includes(name);
    if (reply) {
      return always ? null : "may be left out";
    }
    return always ? "required" : null;
  };
  return h("dl.fields", {}, ...Object.entries(schema.properties || {}).map(
    ([name, member]) =>
      field(name, member, note(name), member.description, reply)));
}

function schemaView(schema, reply) {
  const found = inside(schema);
  if (found.length === 0) {
    return h("p.kind", {}, kind(schema), " ", bounds(schema));
  }
  if (found.length === 1 && schema.$ref) {
    return members(resolve(schema), reply);
  }
  return h("div", {}, h("p.kind", {}, kind(schema)), ...found.map((s) =>
    fold("details.inner", [nameOf(s), ": ", resolve(s).description || ""],
      () => members(resolve(s), reply))));
}

// Operations --------------------------------------------------------------

function sample(text) {
  const button = h("button.copy", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl+C";
      getSelection().selectAllChildren(button.previousSibling);
    }
  });
  return h("div.sample", {}, h("pre", { tabindex: "0" }, text), button);
}

function exampleOf(content) {
  const examples = Object.values(content.examples || {});
  return examples.length > 0 ? examples[0].value : undefined;
}

// {org} becomes $ORG: to curl braces are a list
function curl(path, verb, op) {
  const url = location.origin + path.replace(/\{(\w+)\}/g,
    (_, name) => `$${name.toUpperCase()}`);
  const lines = [verb === "get" ? `curl "${url}"`
    : `curl -X ${verb.toUpperCase()} "${url}"`];
  if (op.security.length > 0) {
    lines.push(`-H "Authorization: Bearer $TRAINYARD_TOKEN"`);
  }
  const content = op.requestBody ? op.requestBody.content : {};
  const json = content["application/json"];
  if (json) {
    const body = exampleOf(json);
    if (body !== undefined) {
      lines.push(`-H "Content-Type: application/json"`,
        `-d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`);
    }
  } else if (op.requestBody) {
    lines.push(`-H "Content-Type: application/json"`,
      "--data-binary @file");
  }
  return lines.join(" \\\n  ");
}

function parametersView(op) {
  const groups = [["path", "Path"], ["query", "Query"],
    ["header", "Headers"]];
  return groups.flatMap(([where, title]) => {
    const found = op.parameters.filter((p) => p.in === where);
    return found.length === 0 ? [] : [h("h4", {}, title),
      h("dl.fields", {}, ...found.map((p) =>
        field(p.name, p.schema, p.required ? "required" : null,
          p.description)))];
  });
}

function bodyView(op) {
  if (!op.requestBody) {
    return [];
  }
  return Object.entries(op.requestBody.content).flatMap(([type, content]) => [
    h("h4", {}, "Body ", h("span.kind", {}, type,
      op.requestBody.required ? "" : "; may be left out")),
    content.schema ? schemaView(content.schema)
      : h("p", {}, "The bytes as they are."),
    ...Object.values(content.examples || {}).map((one) =>
      fold("details.inner", `Example: ${one.summary}`,
        () => sample(JSON.stringify(one.value, null, 2)))),
  ]);
}

function replyView(status, response) {
  const reply = resolve(response);
  const summary = [
    h(`span.status.s${status[0]}`, {}, status),
    h("span", {}, ...words(reply.description)),
  ];
  return fold("details.reply", summary, () => {
    const parts = Object.entries(reply.content || {}).flatMap(
      ([type, content]) => {
        const types = content.schema && content.schema.properties;
        return [
          h("p.kind", {}, type === "*/*" ? "the bytes" : type),
          types ? h("p", {}, "type: ", ...types.type.enum.flatMap(
            (word, i) => [i > 0 ? " or " : "", h("code", {}, word)])) : null,
          content.schema ? schemaView(content.schema, true) : null,
        ];
      });
    const headers = Object.entries(reply.headers || {});
    if (headers.length > 0) {
      parts.push(h("h4", {}, "Headers"), h("dl.fields", {}, ...headers.map(
        ([name, header]) => field(name, resolve(header).schema, null,
          resolve(header).description))));
    }
    return h("div", {}, ...parts.filter(Boolean));
  });
}

// A path may be broken before a slash, nowhere else.
function pathView(path) {
  return path.split(/(\{\w+\}|(?=\/))/).filter(Boolean).flatMap((part) =>
    part[0] === "{" ? h("span.brace", {}, part) : [h("wbr"), part]);
}

function operationView(path, verb, op) {
  const id = op.operationId;
  return h("article", { id, "aria-labelledby": `${id}-title` },
    h("h3", { id: `${id}-title` }, h("a", { href: `#${id}` }, op.summary)),
    h("p.call", {}, h(`span.verb.${verb}`, {}, verb.toUpperCase()),
      h("span", {}, ...pathView(path))),
    ...prose(op.description),
    ...parametersView(op), ...bodyView(op),
    h("h4", {}, "Replies"),
    ...Object.entries(op.responses).map(([s, r]) => replyView(s, r)),
    h("h4", {}, "With curl"), sample(curl(path, verb, op)));
}

// The page ----------------------------------------------------------------

function operations() {
  return Object.entries(doc.paths).flatMap(([path, item]) =>
    VERBS.filter((verb) => item[verb]).map((verb) => (
      { path, verb, op: item[verb], tag: item[verb].tags[0] })));
}

function show() {
  const all = operations();
  const tags = doc.tags.filter((tag) => all.some((o) => o.tag === tag.name));
  byId("title").textContent = doc.info.title;
  byId("version").textContent = doc.info.version;
  document.title = `${doc.info.title} API`;
  byId("state").remove();
  byId("main").append(...prose(doc.info.description), ...tags.map((tag) =>
    h("section", {}, h("h2", {}, tag.name), ...prose(tag.description),
      ...all.filter((o) => o.tag === tag.name).map((o) =>
        operationView(o.path, o.verb, o.op)))));
  byId("list").append(...tags.flatMap((tag) => [
    h("h2", {}, tag.name),
    h("ul", {}, ...all.filter((o) => o.tag === tag.name).map((o) =>
      h("li", {}, h("a", { href: `#${o.op.operationId}`, title: o.path },
        h(`span.verb.${o.verb}`, {}, o.verb.toUpperCase()),
        h("span", {}, o.op.summary))))),
  ]));
}

// Hides what the words do not occur in, in the list and on the page.
function filter(text) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { path, verb, op, tag } of operations()) {
    const all = [path, verb, op.summary, op.operationId, tag]
      .join(" ").toLowerCase();
    const hide = !wanted.every((word) => all.includes(word));
    byId(op.operationId).hidden = hide;
    document.querySelector(`#list a[href="#${op.operationId}"]`)
      .parentNode.hidden = hide;
  }
  for (const part of document.querySelectorAll("main > section")) {
    part.hidden = part.querySelector("article:not([hidden])") === null;
  }
  for (const part of document.querySelectorAll("#list ul")) {
    part.hidden = part.querySelector("li:not([hidden])") === null;
    part.previousSibling.hidden = part.hidden;
  }
}

// Marks in the list what is being read.
function follow() {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      for (const old of document.querySelectorAll("#list [aria-current]")) {
        old.removeAttribute("aria-current");
      }
      const link = document.querySelector(
        `#list a[href="#${entry.target.id}"]`);
      link.setAttribute("aria-current", "true");
      if (!narrow.matches) {
        link.scrollIntoView({ block: "nearest" });
      }
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  document.querySelectorAll("article").forEach((a) => seen.observe(a));
}

const narrow = matchMedia("(max-width: 52rem)");

async function start() {
  const menu = byId("menu");
  const adapt = () => {
    menu.open = !narrow.matches;
  };
  adapt();
  narrow.addEventListener("change", adapt);
  try {
    const reply = await fetch("openapi.json");
    if (!reply.ok) {
      throw new Error(`the server says ${reply.status}`);
    }
    doc = await reply.json();
  } catch (error) {
    byId("state").textContent = `openapi.json cannot be read: ${error.message}`;
    return;
  }
  show();
  follow();
  byId("find").addEventListener("input", (e) => filter(e.target.value));
  byId("list").addEventListener("click", () => {
    menu.open = !narrow.matches;
  });
  addEventListener("keydown", (e) => {
    if (e.key === "/" && document.activeElement !== byId("find")) {
      e.preventDefault();
      byId("find").focus();
    }
  });
  // the browser looked for the place before it was there
  const target = location.hash && byId(location.hash.slice(1));
  if (target) {
    target.scrollIntoView();
  }
}

start();
