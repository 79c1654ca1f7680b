"use strict";
// Each number of the page opens a card that says where it comes from: the file, the model, the effects, the cells.
(() => {
  const card = document.getElementById("card");
  if (!card || !card.showPopover) return;
  const told = JSON.parse(document.getElementById("lineage").textContent);
  const numbers = [...document.querySelectorAll("main data[data-of]")].filter((one) => !one.closest("a, button, summary"));
  const LINK = "#number=";
  const TABLES = ["studies", "effects", "routes", "findings", "judgements", "specifications"];
  let opener = null;

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function fact(list, name, ...content) {
    const said = element("dd");
    said.append(...content);
    list.append(element("dt", name), said);
  }

  function pattern(source) {
    const [name, ...way] = source.split("/");
    if (TABLES.includes(name) && way.length) return `${name}/*/${way[way.length - 1]}`;
    return source.replace(/\/\d+(?=\/|$)/g, "/*");
  }

  function cells(list) {
    const made = element("span");
    list.forEach((cell, place) => {
      if (place) made.append("; ");
      made.append(cell.read.map(([field, text]) => `${field} “${text}”`).join(", "), " in ");
      if (cell.anchor) made.append(element("a", "its printed cell", { href: `#${cell.anchor}` }));
      else made.append(cell.file);
      if (cell.correction) made.append(` (after correction ${cell.correction})`);
    });
    return made;
  }

  function effect(one, detailed) {
    const line = element("li");
    line.append(element("strong", one.label), `: ${one.yi ?? "no effect"}`);
    if (one.sei !== null) line.append(`, standard error ${one.sei}`);
    if (one.route) line.append(` from ${one.route}${detailed ? `: ${one.formula}` : ""}`);
    if (one.cells.length) line.append(element("br"), "Read: ", cells(one.cells));
    return line;
  }

  function effects(list, detailed) {
    const made = element("ol");
    made.append(...list.map((one) => effect(one, detailed)));
    return made;
  }

  function study(list, row, field) {
    const read = told.studies[row] ?? {};
    const parts = { mid: ["start", "end"], duration: ["start", "end"] }[field] ?? [field];
    const known = parts.flatMap((part) => read[part] ?? []);
    if (known.length) fact(list, "Printed", cells(known));
  }

  function source(list, one) {
    const [name, key, ...rest] = one.split("/");
    const meaning = told.meanings[pattern(one)];
    if (meaning) fact(list, "What it is", meaning);
    const table = TABLES.includes(name);
    const file = `${name}.${table ? "csv" : "json"}`;
    fact(list, "Stands in", element("a", file, { href: file }), [key, ...rest].filter(Boolean).map((part) => ` › ${decodeURIComponent(part)}`).join(""));
    if (!key) return;
    if (name === "studies") return study(list, key, rest[0]);
    if (table) {
      const own = told.effects.filter((effect) => key.startsWith(effect.key));
      return fact(list, "Made from", effects(own, true));
    }
    const { tau2_method: method, interval, level } = told.settings;
    fact(list, "Made by", `${told.results[name]} Settings of the primary analysis: ${method}, ${interval}, level ${level}.`);
    const pooled = told.effects.filter((effect) => effect.included);
    const all = element("details");
    all.append(element("summary", `${pooled.length} printed results and their cells`), effects(pooled, false));
    fact(list, "Made from", all);
  }

  function fill(number) {
    const list = element("dl");
    fact(list, "Unrounded", number.value);
    number.dataset.of.split("+").forEach((one) => source(list, one));
    card.querySelector("h2").textContent = number.textContent;
    const link = element("a", "Link to this number", { href: LINK + number.dataset.of });
    card.querySelector(".card-body").replaceChildren(list, link);
  }

  function open(number) {
    opener = number;
    fill(number);
    if (!card.matches(":popover-open")) card.showPopover();
    const place = number.getBoundingClientRect();
    const below = place.bottom + card.offsetHeight + 8 < innerHeight;
    const top = below ? place.bottom + 6 : place.top - card.offsetHeight - 6;
    card.style.top = `${Math.max(8, Math.min(top, innerHeight - card.offsetHeight - 8))}px`;
    card.style.left = `${Math.max(8, Math.min(place.left, innerWidth - card.offsetWidth - 8))}px`;
    card.querySelector("button").focus({ preventScroll: true });
  }

  // One stop of the Tab key a section: from there the arrow keys go from number to number.
  function reachable(number) {
    const section = number.closest("section");
    for (const one of numbers) if (one.tabIndex === 0 && one.closest("section") === section) one.tabIndex = -1;
    number.tabIndex = 0;
  }

  function step(from, by) {
    for (let at = numbers.indexOf(from) + by; at >= 0 && at < numbers.length; at += by) {
      if (numbers[at].checkVisibility()) {
        reachable(numbers[at]);
        return numbers[at].focus();
      }
    }
  }

  const seen = new Set();
  for (const one of numbers) {
    const section = one.closest("section");
    one.tabIndex = seen.has(section) || !one.checkVisibility() ? -1 : 0;
    if (one.tabIndex === 0) seen.add(section);
    one.setAttribute("role", "button");
    one.setAttribute("aria-haspopup", "dialog");
  }

  document.addEventListener("click", (event) => {
    const number = event.target.closest("data[role=button]");
    if (number) open(number);
    if (event.target.closest("#card a[href^='#cell-'], #card .close")) card.hidePopover();
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("data[role=button]")) return;
    if (event.key === "Enter" || event.key === " ") open(event.target);
    else if (event.key === "ArrowRight" || event.key === "ArrowDown") step(event.target, 1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") step(event.target, -1);
    else return;
    event.preventDefault();
  });

  card.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && opener) {
      if (card.contains(document.activeElement) || document.activeElement === document.body) opener.focus({ preventScroll: true });
      opener = null;
    }
  });

  function linked() {
    if (!location.hash.startsWith(LINK)) return;
    const wanted = decodeURI(location.hash.slice(LINK.length));
    const number = numbers.find((one) => one.dataset.of === wanted);
    if (!number) return;
    for (let up = number.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
    number.scrollIntoView({ block: "center" });
    open(number);
  }
  addEventListener("hashchange", linked);
  linked();
})();
