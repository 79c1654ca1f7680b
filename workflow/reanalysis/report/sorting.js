// Tables that sort: a button in each column's head orders the rows up, down, and as printed again.
// Left alone: the two columns of the explorer, the facsimile of the source's table, heads of two rows, and tables of one row.
(() => {
  "use strict";
  const FIRST = /^([<>≤≥=]?)\s*([+-]?(?:[1-9]\d{0,2}(?:,\d{3})+(?!\d)|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?)/i;
  const NUMBER = 0, TEXT = 1, EMPTY = 2;
  const words = new Intl.Collator("en", { numeric: true });

  // What a cell sorts by: its first number (an interval's lower limit, a percentage as it stands), else its words.
  // "< 0.001" comes before "0.001". Cells without either are last in both directions.
  const key = (cell) => {
    const text = (cell?.dataset.sort ?? cell?.textContent ?? "").replace(/\s+/g, " ").trim();
    if (/^[-–—]?$/.test(text)) return { kind: EMPTY };
    const [, sign, digits] = FIRST.exec(text.replace(/\u2212/g, "-"));
    if (!/\d/.test(digits)) return { kind: TEXT, text };
    const side = { "<": -1, "≤": -0.5, "≥": 0.5, ">": 1 }[sign] ?? 0;
    return { kind: NUMBER, value: Number(digits.replace(/,/g, "")), side };
  };

  const compare = (one, other, direction) => {
    const last = one.kind === EMPTY || other.kind === EMPTY;
    if (one.kind !== other.kind) return (last ? 1 : direction) * (one.kind - other.kind);
    if (one.kind === NUMBER) return direction * (one.value - other.value || one.side - other.side);
    return one.kind === TEXT ? direction * words.compare(one.text, other.text) : 0;
  };

  // The cell of a row that stands in a column, where cells may span several.
  const under = (row, column) => {
    let at = 0;
    for (const cell of row.cells) {
      at += cell.colSpan;
      if (at > column) return cell;
    }
    return undefined;
  };

  // Rows that a cell holds together move together, and sort by the first of them.
  const blocks = (body) => {
    const made = [];
    let open = 0;
    for (const row of body.rows) {
      if (open > 0) made.at(-1).push(row);
      else made.push([row]);
      open = Math.max(open, ...[...row.cells].map((cell) => cell.rowSpan)) - 1;
    }
    return made;
  };

  const sortable = (table) =>
    table.tHead?.rows.length === 1 &&
    table.tBodies.length === 1 &&
    !table.matches(".facsimile, .explorer table") &&
    blocks(table.tBodies[0]).length > 1;

  const prepare = (table) => {
    const body = table.tBodies[0];
    const printed = blocks(body);
    const heads = [...table.tHead.rows[0].cells];
    const order = (head, column) => {
      const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
      const state = next === undefined ? "ascending" : next;
      for (const one of heads) one.removeAttribute("aria-sort");
      if (state) head.setAttribute("aria-sort", state);
      const direction = state === "descending" ? -1 : 1;
      const keyed = printed.map((rows) => ({ rows, key: key(under(rows[0], column)) }));
      if (state) keyed.sort((one, other) => compare(one.key, other.key, direction));
      body.append(...keyed.flatMap((one) => one.rows));
    };
    let column = 0;
    for (const head of heads) {
      const here = column;
      column += head.colSpan;
      if (head.colSpan > 1 || !head.textContent.trim() || head.querySelector("a, button, input, summary")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      button.addEventListener("click", () => order(head, here));
      head.append(button);
    }
  };

  for (const table of document.querySelectorAll("table")) if (sortable(table)) prepare(table);
})();
