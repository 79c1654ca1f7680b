// The explorer of studies left out. Every answer was computed when the page was made; here it is looked up, written and
// drawn. The schema of leave_out.json describes the kept numbers.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const ROW = 24;
  const holder = document.getElementById("explore-data");
  if (holder) start(JSON.parse(holder.textContent));

  function start(data) {
    const part = (name) => document.getElementById(`explore-${name}`);
    const panel = document.getElementById("explorer");
    const boxes = [...panel.querySelectorAll("input")];
    const names = data.studies.map((one) => one.key);
    const primary = { out: [], tau2: data.tau2_method, interval: data.interval };
    const look = answers(data);
    let state = primary;
    let ignored = false; // whether the last address was

    // What the address asks for: undefined where it speaks of something else, null where it cannot be understood.
    function asked(hash) {
      if (!hash.startsWith("#explore=")) return undefined;
      const found = { out: [], tau2: primary.tau2, interval: primary.interval };
      const seen = new Set();
      try {
        for (const piece of hash.slice(1).split(";")) {
          const at = piece.indexOf("=");
          const key = piece.slice(0, at);
          const values = piece.slice(at + 1).split(",").map(decodeURIComponent);
          if (at < 0 || seen.has(key)) return null;
          seen.add(key);
          if (key === "explore") {
            const places = values[0] === "" && values.length === 1 ? [] : values.map((one) => names.indexOf(one));
            if (places.includes(-1)) return null;
            found.out = [...new Set(places)].sort((one, other) => one - other);
          } else if (key === "tau2" && data.estimators.some((one) => one.name === values.join())) {
            found.tau2 = values.join();
          } else if (key === "interval" && Object.hasOwn(data.interval_names, values.join())) {
            found.interval = values.join();
          } else {
            return null;
          }
        }
      } catch {
        return null; // a percent sign that begins no character
      }
      return found;
    }

    function address(one) {
      return `#explore=${one.out.map((place) => encodeURIComponent(names[place]))};tau2=${one.tau2};interval=${one.interval}`;
    }

    function chosen() {
      const out = boxes.flatMap((box, place) => (box.checked ? [place] : []));
      return { out, tau2: part("tau2").value, interval: part("interval").value };
    }

    function show(one, before = "") {
      state = one;
      ignored = before !== "";
      boxes.forEach((box, place) => { box.checked = one.out.includes(place); });
      part("tau2").value = one.tau2;
      part("interval").value = one.interval;
      const answer = look(one);
      part("told").textContent = before + answer.told;
      for (const cell of panel.querySelectorAll("[data-shows]")) cell.textContent = answer.shown[cell.dataset.shows];
      draw(part("forest"), data, one, answer);
    }

    // The address that is left keeps the state it had, so that the way back leads there even from a section's link.
    function change(one) {
      history.replaceState({ explore: state }, "");
      show(one);
      location.hash = address(one);
    }

    function follow() {
      const found = asked(location.hash);
      if (found === null) show(state, "The address asks for a study or a setting that is not here; it was ignored. ");
      else if (found && (ignored || address(found) !== address(state))) show(found);
      else if (history.state?.explore) show(history.state.explore);
      else if (location.hash === "") show(primary);
    }

    panel.hidden = false;
    show(primary);
    follow();
    if (asked(location.hash)) panel.parentElement.scrollIntoView();
    panel.addEventListener("change", () => change(chosen()));
    part("reset").addEventListener("click", () => change(primary));
    window.addEventListener("hashchange", follow);
    let width = part("forest").clientWidth;
    new ResizeObserver(() => {
      if (part("forest").clientWidth !== width) draw(part("forest"), data, state, look(state));
      width = part("forest").clientWidth;
    }).observe(part("forest"));
  }

  // Return a function from a state to its answer: a sentence, the cells of the table, and ends to draw.
  function answers(data) {
    const k = data.studies.length;
    const by = new Map(data.estimators.map((one) => [one.name, one]));
    const [first, decoded] = [data.tau2_method, new Map()];
    const count = (name) => setsUpTo(k, by.get(name).most_left_out);

    function fits(name) {
      if (!decoded.has(name)) {
        const [own, every] = [count(name), count(first)];
        const base = name === first ? null : fits(first);
        const length = data.quantities.length * own;
        const reference = base && ((place) => base[Math.floor(place / own) * every + (place % own)]);
        decoded.set(name, numbers(by.get(name).fits, length, own, reference));
      }
      return decoded.get(name);
    }

    const q = numbers(data.q.fits, count(first), count(first), null);

    return ({ out, tau2, interval }) => {
      const kept = `${k - out.length} of ${k}`;
      const blank = { studies: kept, effect: "—", prediction: "—", tau2: "—", i2: "—", q: "—" };
      const nothing = (told) => ({ told, shown: blank });
      if (out.length === k) return nothing("No study is left.");
      const reach = by.get(tau2).most_left_out;
      if (out.length > reach) {
        const most = reach === 0 ? "with no study" : `with up to ${reach} ${reach === 1 ? "study" : "studies"}`;
        return nothing(`This was not computed: the page holds the results under ${tau2} ${most} left out, and ${out.length} are ticked.`);
      }
      const place = setsUpTo(k, out.length - 1) + out.reduce((sum, one, index) => sum + choose(one, index + 1), 0);
      const values = fits(by.get(tau2).same_as ?? tau2);
      const at = (name) => {
        const column = data.quantities.findIndex((one) => one.name === name);
        const decimals = data.quantities[column].decimals;
        const value = values[column * count(tau2) + place];
        return { value: value / 10 ** decimals, text: written(value, decimals, data.most) };
      };
      const limits = (kind) => [at(`${interval}_${kind}_low`), at(`${interval}_${kind}_high`)];
      const between = ([low, high]) => (low.text === "—" || high.text === "—" ? "—" : `${low.text} to ${high.text}`);
      const [estimate, ci, prediction] = [at("estimate"), limits("ci"), limits("prediction")];
      const effect = `${estimate.text} (${between(ci)})`;
      const who = out.length ? `Without ${listed(out.map((one) => data.studies[one].label))}` : `With all ${k} studies`;
      // One study is not pooled, and has a Wald interval whatever is chosen.
      const pooled = k - out.length > 1 ? "pooled " : "";
      const how = pooled && ` Estimator ${tau2}, interval ${data.interval_names[interval]}.`;
      const from = out.length ? `, from ${kept} studies` : "";
      const ahead = between(prediction) === "—" ? "" : `; the ${data.level} prediction interval is ${between(prediction)}`;
      return {
        told: `${who}, the ${pooled}${data.name} is ${estimate.text} (${data.level} CI ${between(ci)})${from}${ahead}.${how}`,
        shown: {
          studies: kept, effect, prediction: between(prediction), tau2: at("tau2").text, i2: `${at("i2").text}%`,
          q: written(q[place], data.q.decimals, data.most),
        },
        drawn: { effect, estimate: estimate.value, ci: ci.map((one) => one.value), prediction: prediction.map((one) => one.value) },
      };
    };
  }

  function setsUpTo(k, most) {
    return Array.from({ length: most + 1 }, (_, size) => choose(k, size)).reduce((sum, one) => sum + one, 0);
  }

  function choose(n, size) {
    let found = 1;
    for (let index = 0; index < size; index += 1) found = (found * (n - index)) / (index + 1);
    return found;
  }

  // Return numbers from their text, NaN for none; without a reference each is written beside the one before it.
  function numbers(text, length, column, reference) {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const found = new Float64Array(length);
    let at = 0;
    for (let place = 0; place < length; place += 1) {
      let code = 0;
      let scale = 1;
      let byte;
      do {
        byte = bytes[at];
        at += 1;
        code += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      const beside = reference ? reference(place) : place % column ? found[place - 1] : 0;
      found[place] = code === 0 ? NaN : (beside || 0) + (code % 2 ? (code - 1) / 2 : -code / 2);
    }
    return found;
  }

  // Return a count of its last decimal as text, with a true minus sign.
  function written(value, decimals, most) {
    if (Number.isNaN(value)) return "—";
    const beyond = Math.abs(value) >= most ? (value < 0 ? "< " : "> ") : "";
    return `${beyond}${value < 0 ? "−" : ""}${(Math.abs(value) / 10 ** decimals).toFixed(decimals)}`;
  }

  function listed(words) {
    return words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
  }

  // Draw the studies, the chosen pool and the primary one, in units of a pixel: words keep their size on any screen.
  function draw(place, data, state, answer) {
    const svg = element("svg", { role: "img", "aria-label": `Forest plot. ${answer.told}` });
    place.replaceChildren(svg);
    const pool = answer.drawn;
    const every = data.studies.map((one, index) => ({ ...one, out: state.out.includes(index) }));
    const rows = data.draws_all ? every : every.filter((one) => one.out);
    const foot = [
      { label: "Chosen", text: pool ? pool.effect : "—", strong: true },
      { label: "Prediction", text: answer.shown.prediction, quiet: true },
      { label: "Primary", text: data.primary_text, quiet: true },
    ];
    const lines = [...rows.map((one) => ({ ...one, text: one.out ? "left out" : one.text, quiet: one.out })), ...foot];
    const texts = lines.map((one) => ["label", "text"].map((side) => {
      const look = one.strong ? "strong" : one.quiet ? "quiet" : "";
      return svg.appendChild(element("text", { class: look, "text-anchor": side === "text" ? "end" : "start" }, one[side]));
    }));
    const width = place.clientWidth;
    const widest = (side) => Math.max(...texts.map((one) => one[side].getComputedTextLength()));
    const [left, right] = [Math.min(widest(0), width * 0.3) + 14, widest(1) + 14];
    const stacked = width - left - right < 220;
    const step = stacked ? ROW * 1.8 : ROW;
    const [start, end] = stacked ? [8, width - 8] : [left, width - right];
    const { low, high, logarithmic, ticks, null: none } = data.axis;
    const x = (value) => start + ((value - low) / (high - low)) * (end - start);
    // A limit that no number can hold lies beyond the axis.
    const onAxis = (value) => (Number.isNaN(value) ? Infinity : x(logarithmic ? Math.log(value) : value));
    const middle = (index) => step * index + (stacked ? ROW * 1.1 : ROW / 2);
    texts.forEach(([label, text], index) => {
      for (const one of [label, text]) one.setAttribute("y", step * index + ROW / 2 + 5);
      text.setAttribute("x", width);
      shorten(label, stacked ? width - text.getComputedTextLength() - 14 : left - 14);
    });
    const bottom = step * lines.length + 4;
    const mark = (name, attributes, words) => svg.appendChild(element(name, attributes, words));
    // Where numbers stand above their marks a line runs through the marks alone.
    const way = (at) => (stacked ? lines.map((_, index) => `M${at} ${middle(index) - 9}v18`).join("") : `M${at} 0V${bottom}`);
    const vertical = (at, look) => mark("path", { d: way(at), class: look });
    vertical(x(none), "none");
    const divide = step * rows.length;
    mark("line", { x1: 0, x2: width, y1: divide, y2: divide, class: "rule" });
    mark("line", { x1: start, x2: end, y1: bottom, y2: bottom });
    for (const tick of ticks) {
      mark("line", { x1: x(tick.at), x2: x(tick.at), y1: bottom, y2: bottom + 4 });
      mark("text", { x: x(tick.at), y: bottom + 18, "text-anchor": "middle", class: "quiet" }, tick.text);
    }
    mark("text", { x: (start + end) / 2, y: bottom + 37, "text-anchor": "middle", class: "quiet" }, data.axis.title);
    rows.forEach((one, index) => {
      const group = mark("g", one.out ? { class: "out" } : {});
      const [from, at, to] = one.at.map(x);
      bar(group, from, to, middle(index), "", [start, end]);
      if (at >= start && at <= end) group.appendChild(element("circle", { cx: at, cy: middle(index), r: 4 }));
    });
    if (pool) {
      const [from, at, to] = [pool.ci[0], pool.estimate, pool.ci[1]].map(onAxis);
      if (at >= start && at <= end) vertical(at, "centre");
      diamond(svg, [from, at, to], middle(rows.length), "pooled", [start, end]);
      const [lower, upper] = pool.prediction.map(onAxis);
      if (Number.isFinite(pool.prediction[0])) bar(svg, lower, upper, middle(rows.length + 1), "foretold", [start, end]);
    }
    diamond(svg, data.primary.map(x), middle(rows.length + 2), "primary", [start, end]);
    svg.append(...texts.flat());
    svg.setAttribute("height", bottom + 44);
    svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 44}`);
  }

  // Draw a bar from one place to another, with an arrow where the axis ends before it does.
  function bar(into, from, to, y, look, [start, end]) {
    const [left, right] = [Math.min(Math.max(from, start), end), Math.max(Math.min(to, end), start)];
    into.appendChild(element("line", { x1: left, x2: right, y1: y, y2: y, class: look }));
    const arrow = (at, way) => into.appendChild(element("path", { d: `M${at} ${y}l${way * -7} -4v8z`, class: "arrow" }));
    if (from < start) arrow(start, -1);
    if (to > end) arrow(end, 1);
  }

  function diamond(into, [from, at, to], y, look, [start, end]) {
    const cut = (value) => Math.min(Math.max(value, start), end);
    if (from < start || to > end) bar(into, from, to, y, "", [start, end]);
    const d = `M${cut(from)} ${y}L${cut(at)} ${y - 7}L${cut(to)} ${y}L${cut(at)} ${y + 7}z`;
    into.appendChild(element("path", { d, class: look }));
  }

  // Cut a label that is too long; its whole stays in the title, which a pointer shows, and beside its tick box.
  function shorten(node, width) {
    const whole = node.textContent;
    const letters = [...whole];
    while (letters.length > 1 && node.getComputedTextLength() > width) {
      letters.pop();
      node.textContent = `${letters.join("")}…`;
    }
    if (node.textContent !== whole) node.appendChild(element("title", {}, whole));
  }

  function element(name, attributes, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }
})();
