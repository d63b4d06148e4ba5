// Draws the zoomable price charts of a page by bokeh, each out of the JSON block that stands with its still picture. A page is whole without:
// the picture is hidden once its chart is drawn. This script stands before bokeh's, as bokeh makes styles while it loads.
"use strict";
(() => {
  // Of a page whose policy lets no style through but those with its nonce.
  const nonce = document.currentScript.nonce;
  if (nonce) {
    const make = document.createElement.bind(document);
    document.createElement = (name, ...options) => {
      const made = make(name, ...options);
      if (String(name).toLowerCase() === "style") made.nonce = nonce;
      return made;
    };
  }

  const STATES = { G: ["all green", "--z-green"], g: ["mixed green", "--z-green-2"], m: ["mixed", "--z-mixed"],
    r: ["mixed red", "--z-red-2"], R: ["all red", "--z-red"], u: ["unknown", "--z-unknown"] };
  const dark = matchMedia("(prefers-color-scheme: dark)"), coarse = matchMedia("(pointer: coarse)");
  const drawn = new Map();  // place → chart

  const clock = (ms) => new Date(ms).toISOString().slice(11, 16);
  const day = (ms) => new Date(ms).toISOString().slice(5, 16).replace("T", " ");
  const money = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 7 });
  /** Of an axis of prices up to `top`: two decimals at most, four below 10, and below 1 as many more as the price has noughts behind its point. */
  const priceFormat = (top) => top >= 10 ? "0,0.[00]" : `0,0.${"0".repeat(4 - (top > 0 ? Math.min(0, Math.floor(Math.log10(top))) : 0))}`;
  const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)} %`;
  /** Place of the last of ascending values that is at most `most`; −1 without one. */
  const lastUpTo = (values, most) => {
    let low = 0, high = values.length;
    while (low < high) { const middle = (low + high) >> 1; if (values[middle] <= most) low = middle + 1; else high = middle; }
    return low - 1;
  };

  /** What is said to a hand with a mouse, and to one on a screen; the style shows one of them. */
  const bothWays = (mouse, touch) => [["mouse", mouse], ["touch", touch]].map(([name, words]) => {
    const said = document.createElement("span");
    said.className = `zoom-${name}`; said.textContent = words;
    return said;
  });

  // ---- columns of a block, for bokeh's sources

  /** The block with times in milliseconds. */
  const inTime = (block) => {
    const at = (seconds) => block.start + seconds * 1000;
    return { ...block, from: at(block.first), to: at(block.last), asked: block.asked === null ? null : at(block.asked),
      candles: block.candles && { ...block.candles, at: block.candles.at.map(at) }, line: block.line && { ...block.line, at: block.line.at.map(at) },
      bands: block.bands.map((band) => ({ ...band, at: band.at.map(at) })),
      trades: block.trades.map((trade) => ({ ...trade, entry_at: at(trade.entry_at), exit_at: trade.exit_at === null ? null : at(trade.exit_at) })),
      doubts: block.doubts.map((doubt) => ({ ...doubt, since: at(doubt.since), until: at(doubt.until) })),
      levels: block.levels.map((level) => ({ ...level, since: at(level.since), until: at(level.until) })) };
  };

  const priceColumns = (block, inks) => {
    const { candles, line } = block;
    if (!candles) return { x: line.at, close: line.price };
    return { x: candles.at.map((at) => at + candles.seconds * 500), open: candles.open, high: candles.high, low: candles.low, close: candles.close,
      fill: candles.close.map((close, i) => inks(close >= candles.open[i] ? "--z-ground" : "--z-candle")) };
  };

  /** First and last place of each run of one state; it reaches to the first sample of the next, unless a gap lies between. */
  const runs = (band) => {
    const found = [], gaps = new Set(band.gaps);
    for (let first = 0, next = 0; first < band.at.length; first = next) {
      for (next = first + 1; next < band.at.length && band.states[next] === band.states[first] && !gaps.has(next);) next += 1;
      found.push([first, next < band.at.length && !gaps.has(next) ? next : next - 1]);
    }
    return found;
  };
  const stateInks = (band, inks) => runs(band).map(([first]) => inks(STATES[band.states[first]][1]));

  /** The 5-minute ribbon: one polygon a run. */
  const bandColumns = (band, inks) => {
    const along = (values, [first, last]) => values.slice(first, last + 1), there = (a, b) => [...a, ...b.reverse()];
    return { xs: runs(band).map((run) => there(along(band.at, run), along(band.at, run))),
      ys: runs(band).map((run) => there(along(band.low, run), along(band.high, run))), fill: stateInks(band, inks) };
  };

  /** The 15-minute ribbon: one box a run, at the foot of the chart. */
  const stripColumns = (band, inks) => ({ left: runs(band).map(([first]) => band.at[first]), right: runs(band).map(([, last]) => band.at[last]), fill: stateInks(band, inks) });

  const tradeColumns = (block, inks) => {
    const all = block.trades.map((_, i) => i), closed = all.filter((i) => block.trades[i].exit_at !== null);
    const won = closed.map((i) => block.trades[i].net_pct > 0), colour = won.map((is) => inks(is ? "--z-profit" : "--z-loss"));
    const of = (chosen, name) => chosen.map((i) => block.trades[i][name]);
    return {
      entries: { x: of(all, "entry_at"), y: of(all, "entry"), marker: all.map((i) => block.trades[i].direction === "LONG" ? "triangle" : "inverted_triangle"),
        colour: all.map((i) => inks(block.trades[i].direction === "LONG" ? "--z-long" : "--z-short")) },
      exits: { x: of(closed, "exit_at"), y: of(closed, "exit"), from_x: of(closed, "entry_at"), from_y: of(closed, "entry"), colour,
        fill: won.map((is, i) => is ? colour[i] : inks("--z-ground")), dash: won.map((is) => is ? "solid" : "dashed") } };
  };

  const levelColumns = (block, inks) => ({ since: block.levels.map((level) => level.since), until: block.levels.map((level) => level.until),
    price: block.levels.map((level) => level.price), said: block.levels.map((level) => ` ${level.name} ${money(level.price)}`),
    shift: block.levels.map(() => 0),
    colour: block.levels.map((level) => inks({ entry: "--z-ink", stop: "--z-loss", target: "--z-profit" }[level.name])) });

  /** All columns by the name of their source. */
  const columnsOf = (block, inks) => ({ price: priceColumns(block, inks), levels: levelColumns(block, inks), ...tradeColumns(block, inks),
    band: bandColumns(bandOf(block, 5), inks), strip: stripColumns(bandOf(block, 15), inks),
    doubts: { x0: block.doubts.map((doubt) => doubt.since), x1: block.doubts.map((doubt) => doubt.until) } });
  const bandOf = (block, minutes) => block.bands.find((band) => band.minutes === minutes) || { minutes, at: [], low: [], high: [], states: "", gaps: [] };

  // ---- what is said of a moment

  const stateWords = (block, moment) => block.bands.map((band) => {
    const place = lastUpTo(band.at, moment), old = place < 0 || moment - band.at[place] > band.minutes * 60000;
    const lost = place < 0 || (old && (place + 1 === band.at.length || band.gaps.includes(place + 1)));  // no sample of then is there
    // Of a long window not every sample is.
    return `${band.minutes}-minute ribbon ${lost ? "unknown" : STATES[band.states[place]][0]}${old && !lost ? ` at ${clock(band.at[place])}` : ""}`;
  });

  const tradeWords = (trade) => `${trade.direction}${trade.net_pct === null ? "" : ` ${signed(trade.net_pct)}`}: entered ${day(trade.entry_at)} at ${money(trade.entry)}, `
    + (trade.exit_at === null ? "still open" : `left ${day(trade.exit_at)} at ${money(trade.exit)}${trade.how && ` (${trade.how})`}`);

  /** Price, ribbons and trades at a moment; "" where there is no price. */
  const momentWords = (block, moment) => {
    const { candles, line } = block, place = lastUpTo((candles || line).at, moment);
    if (place < 0) return "";
    const long = candles ? candles.seconds * 1000 : 60000;
    const price = candles ? `${day(candles.at[place])}–${clock(candles.at[place] + long)}  open ${money(candles.open[place])}, high ${money(candles.high[place])}, low ${money(candles.low[place])}, close ${money(candles.close[place])}`
      : `${day(line.at[place])}  ${money(line.price[place])}`;
    const held = block.trades.filter((trade) => trade.entry_at <= moment + long && (trade.exit_at ?? Infinity) >= moment - long);
    const doubt = block.doubts.find((each) => each.since <= moment && each.until >= moment);
    return [[price, ...stateWords(block, moment)].join("; ") + (doubt ? `; samples ${doubt.kind.replace("_", " ")}, left out` : ""), ...held.slice(0, 2).map(tradeWords)].join("\n");
  };

  // ---- one chart

  class Chart {
    constructor(place, text) { this.place = place; this.text = text; this.block = inTime(JSON.parse(text)); }

    inks(name) { return getComputedStyle(this.place).getPropertyValue(name).trim(); }

    async draw(view) {
      const inks = (name) => this.inks(name), { block } = this, ends = this.ends();
      this.x = new Bokeh.Range1d({ ...ends, ...view, bounds: [ends.start, ends.end], min_interval: Math.min(1200000, block.to - block.from) });
      this.y = new Bokeh.Range1d({ start: 0, end: 1 });
      this.sources = Object.fromEntries(Object.entries(columnsOf(block, inks)).map(([name, data]) => [name, new Bokeh.ColumnDataSource({ data })]));
      this.frame = document.createElement("div");
      this.frame.className = "zoom";
      this.frame.setAttribute("role", "group");
      this.frame.setAttribute("aria-label", "Price chart to move and zoom; arrow keys move it, + and − zoom, 0 shows all");
      this.frame.tabIndex = 0;
      const canvas = document.createElement("div");
      canvas.className = "zoom-canvas";
      this.said = document.createElement("p");
      this.said.className = "zoom-said";
      this.said.append(...bothWays("Point at the chart to read what was at that minute.", "Tap the chart to read what was at that minute."));
      this.key = this.legend(inks);
      this.frame.append(this.buttons(), canvas, this.key, this.said);
      const script = this.place.querySelector("script");
      if (script.parentElement === this.place) script.after(this.frame); else this.place.append(this.frame);
      this.fit();
      this.x.change.connect(() => this.fit());
      await Bokeh.Plotting.show(this.figure(inks), canvas);
      this.listen(canvas);
      this.place.classList.add("drawn");
    }

    /** All of it, with a margin in which the names of levels stand, beside the price and never over it. */
    ends() {
      const { block } = this, room = (block.to - block.from) * 0.02, start = block.from - room;
      const share = block.levels.length ? Math.min(0.4, 112 / Math.max(this.place.clientWidth - 70, 1)) : 0;
      return { start, end: Math.max(block.to + room, start + (block.to - start) / (1 - share)) };
    }

    /** Names of levels that lie near one another are moved apart. */
    partNames() {
      const { levels } = this.sources, { start, end } = this.y, high = (this.place.clientWidth < 560 ? 400 : 430) - 60;
      const at = levels.data.price.map((price) => (end - price) / (end - start) * high), shift = at.map(() => 0);
      let last = -Infinity;
      for (const i of [...at.keys()].sort((a, b) => at[a] - at[b])) { last = Math.max(at[i], last + 16); shift[i] = last - at[i]; }
      levels.data = { ...levels.data, shift };
    }

    figure(inks) {
      const { sources } = this, field = (name) => ({ field: name });
      this.pan = new Bokeh.PanTool({ dimensions: "width" });
      this.wheel = new Bokeh.WheelZoomTool({ dimensions: "width", maintain_focus: false });
      const narrow = this.place.clientWidth < 560;
      const fig = Bokeh.Plotting.figure({ x_axis_type: "datetime", x_range: this.x, y_range: this.y, height: narrow ? 400 : 430, sizing_mode: "stretch_width",
        toolbar_location: null, tools: [this.pan, this.wheel, new Bokeh.CrosshairTool({ line_color: inks("--z-soft"), line_alpha: 0.5 })],
        background_fill_color: inks("--z-ground"), border_fill_color: inks("--z-ground"), outline_line_color: null, min_border_right: 8 });
      this.fig = fig;
      const axes = { axis_line_color: null, major_tick_line_color: null, minor_tick_line_color: null, major_label_text_color: inks("--z-soft"), major_label_text_font_size: "13px" };
      for (const axis of [...fig.below, ...fig.left]) axis.setv(axes);
      const ticks = { days: "%d %b", hourmin: "%H:%M", hours: "%H:%M", minutes: "%H:%M", minsec: "%H:%M:%S", context: null };
      for (const axis of fig.below) { axis.formatter = new Bokeh.DatetimeTickFormatter(ticks); axis.ticker.desired_num_ticks = narrow ? 4 : 8; }
      for (const axis of fig.left) axis.formatter = new Bokeh.NumeralTickFormatter({ format: priceFormat(this.y.end) });
      for (const grid of fig.center) grid.setv({ grid_line_color: inks("--z-grid") });
      fig.add_glyph(new Bokeh.VStrip({ x0: field("x0"), x1: field("x1"), fill_color: null, line_color: null, hatch_pattern: "/", hatch_color: inks("--z-soft"), hatch_alpha: 0.45 }), sources.doubts);
      fig.patches(field("xs"), field("ys"), { source: sources.band, fill_color: field("fill"), fill_alpha: 0.55, line_color: null });
      fig.extra_y_ranges = { foot: new Bokeh.Range1d({ start: 0, end: 1 }) };
      fig.quad({ left: field("left"), right: field("right"), bottom: 0, top: 0.03, source: sources.strip, fill_color: field("fill"), line_color: null, y_range_name: "foot" });
      if (this.block.asked !== null)
        fig.add_layout(new Bokeh.Span({ location: this.block.asked, dimension: "height", line_color: inks("--z-ink"), line_dash: "dotted" }));
      this.price(fig, inks, field);
      fig.segment(field("since"), field("price"), field("until"), field("price"), { source: sources.levels, line_color: field("colour"), line_width: 1.6, line_dash: "dashed" });
      fig.extra_x_ranges = { margin: new Bokeh.Range1d({ start: 0, end: 1 }) };
      fig.text(1, field("price"), field("said"), { source: sources.levels, text_color: field("colour"), text_baseline: "middle", text_font_size: "13px",
        text_align: "right", y_offset: field("shift"), background_fill_color: inks("--z-ground"), background_fill_alpha: 0.9, x_range_name: "margin" });
      this.held = fig.segment(field("from_x"), field("from_y"), field("x"), field("y"), { source: sources.exits, line_color: field("colour"), line_dash: field("dash") });
      this.exits = fig.scatter(field("x"), field("y"), { source: sources.exits, marker: "circle", line_color: field("colour"), fill_color: field("fill") });
      this.entries = fig.scatter(field("x"), field("y"), { source: sources.entries, marker: field("marker"), line_color: inks("--z-ground"), fill_color: field("colour") });
      this.sizeMarks();
      return fig;
    }

    /** Marks as large as there is room for: where many trades are seen at once, on a phone above all, they would lie on one another. */
    sizeMarks() {
      const { start, end } = this.x, seen = this.block.trades.filter((trade) => trade.entry_at <= end && (trade.exit_at ?? end) >= start).length;
      const size = Math.min(12, Math.max(5, this.place.clientWidth / Math.max(seen, 1) / 1.25)), wide = size < 8 ? 1.2 : 2;
      this.frame.dataset.marks = size.toFixed(1);
      this.entries.glyph.size = { value: size };
      this.exits.glyph.size = { value: size * 0.6 };
      for (const { glyph } of [this.exits, this.held]) glyph.line_width = { value: wide };
      this.entries.glyph.line_width = { value: size < 8 ? 0.5 : 1 };
    }

    price(fig, inks, field) {
      const source = this.sources.price, ink = inks("--z-candle");
      if (!this.block.candles) { fig.line(field("x"), field("close"), { source, line_color: inks("--z-ink"), line_width: 1.8 }); return; }
      fig.segment(field("x"), field("low"), field("x"), field("high"), { source, line_color: ink });
      fig.vbar({ x: field("x"), width: this.block.candles.seconds * 720, top: field("open"), bottom: field("close"), source, line_color: ink, fill_color: field("fill") });
    }

    /** Let the prices that are seen fill the height. */
    fit() {
      const { block } = this, { start, end } = this.x;
      if (this.entries) this.sizeMarks();
      Object.assign(this.frame.dataset, { from: new Date(start).toISOString(), to: new Date(end).toISOString() });
      let low = Infinity, high = -Infinity;
      const take = (at, lows, highs) => {
        for (let i = Math.max(0, lastUpTo(at, start)); i < at.length && at[i] <= end; i += 1) { low = Math.min(low, lows[i]); high = Math.max(high, highs[i]); }
      };
      if (block.candles) take(block.candles.at, block.candles.low, block.candles.high);
      if (block.line) take(block.line.at, block.line.price, block.line.price);
      for (const trade of block.trades)
        for (const [at, price] of [[trade.entry_at, trade.entry], [trade.exit_at, trade.exit]])
          if (at !== null && at >= start && at <= end) { low = Math.min(low, price); high = Math.max(high, price); }
      const spread = Math.max(high - low, high * 1e-4), [least, most] = [low, high];
      for (const { price, since, until } of block.levels)  // one that is far off does not squeeze the price
        if (since <= end && until >= start && price > least - 3 * spread && price < most + 3 * spread) { low = Math.min(low, price); high = Math.max(high, price); }
      if (low <= high) { const air = Math.max(high - low, high * 1e-4) * 0.06; this.y.setv({ start: low - air, end: high + air }); }
      Object.assign(this.frame.dataset, { low: this.y.start, high: this.y.end });
      this.tellRest();
      this.partNames();
    }

    /** The ribbon's long lines lie far off and get no room of the price: where some are beyond an edge, the key says at which. */
    tellRest() {
      const band = bandOf(this.block, 5), first = Math.max(0, lastUpTo(band.at, this.x.start)), last = lastUpTo(band.at, this.x.end) + 1;
      const seen = (values) => values.slice(first, last), beyond = [];
      if (seen(band.high).some((value) => value > this.y.end)) beyond.push("above");
      if (seen(band.low).some((value) => value < this.y.start)) beyond.push("below");
      this.key.querySelector(".zoom-rest").textContent = beyond.length ? `the ribbon goes on ${beyond.join(" and ")}` : "";
    }

    isWhole() { return this.x.end - this.x.start >= (this.x.bounds[1] - this.x.bounds[0]) * 0.999; }
    all() { this.show(...this.x.bounds); }

    /** Show from `start` to `end`, as far as there is something. */
    show(start, end) {
      const [first, last] = this.x.bounds, wide = Math.min(Math.max(end - start, this.x.min_interval), last - first);
      const from = Math.min(Math.max(start, first), last - wide);
      this.x.setv({ start: from, end: from + wide });
    }

    zoom(factor) {
      const middle = (this.x.start + this.x.end) / 2, half = (this.x.end - this.x.start) * factor / 2;
      this.show(middle - half, middle + half);
    }

    move(share) { const by = (this.x.end - this.x.start) * share; this.show(this.x.start + by, this.x.end + by); }

    buttons() {
      const row = document.createElement("p");
      row.className = "zoom-buttons";
      for (const [sign, name, act] of [["+", "Zoom in", () => this.zoom(0.5)], ["−", "Zoom out", () => this.zoom(2)], ["All", "Show all", () => this.all()]]) {
        const button = document.createElement("button");
        button.type = "button"; button.textContent = sign; button.setAttribute("aria-label", name);
        button.addEventListener("click", act);
        row.append(button);
      }
      const hint = document.createElement("span");
      hint.className = "zoom-hint";
      hint.append(...bothWays("Drag to move. Click it, then turn the wheel to zoom.", "Tap it, then drag to move or pinch to zoom."));
      row.append(hint);
      return row;
    }

    /** What marks and colours mean, of those that are there. */
    legend(inks) {
      const { block } = this, row = document.createElement("p"), states = (minutes) => bandOf(block, minutes).states;
      row.className = "zoom-legend";
      const sign = (mark, ink) => {
        const made = document.createElement("span");
        made.textContent = mark; made.style.color = inks(ink); made.setAttribute("aria-hidden", "true");
        return made;
      };
      const swatch = (ink) => { const made = sign("", ink); made.className = "zoom-swatch"; made.style.background = inks(ink); return made; };
      const add = (is, words, ...before) => {
        if (!is) return;
        const entry = document.createElement("span");
        entry.append(...before, words); row.append(entry);
      };
      const some = (test) => block.trades.some(test);
      add(some((trade) => trade.direction === "LONG"), " LONG entry", sign("▲", "--z-long"));
      add(some((trade) => trade.direction === "SHORT"), " SHORT entry", sign("▼", "--z-short"));
      add(some((trade) => trade.net_pct > 0), " left in profit", sign("—●", "--z-profit"));
      add(some((trade) => trade.exit_at !== null && trade.net_pct <= 0), " left in loss", sign("╌○", "--z-loss"));
      add(block.candles, " candle up", sign("▯", "--z-candle"));
      add(block.candles, " candle down", sign("▮", "--z-candle"));
      add(block.doubts.length, " samples left out", sign("///", "--z-soft"));
      add(block.asked !== null, " when it was asked", sign("┊", "--z-ink"));
      add(block.trades_before, ` ${block.trades_before} older trades are not drawn`, sign("…", "--z-soft"));
      const ribbons = [[5, "5-minute ribbon"], [15, "15-minute ribbon at the foot"]].filter(([minutes]) => states(minutes)).map(([, words]) => words);
      const shown = Object.entries(STATES).filter(([letter]) => (states(5) + states(15)).includes(letter));
      add(shown.length, `${ribbons.join(", ")}: `);
      if (shown.length) row.lastChild.className = "zoom-states";
      for (const [, [words, ink]] of shown) {
        const state = document.createElement("span");
        state.append(swatch(ink), ` ${words}`); row.lastChild.append(state, " ");
      }
      add(true, "");
      row.lastChild.className = "zoom-rest";
      return row;
    }

    /** What would hold up the page (a wheel, a finger) is the chart's only after it was clicked or tapped, until one goes elsewhere. */
    listen(canvas) {
      const take = (is) => { this.wheel.active = is; if (coarse.matches) this.pan.active = is; this.frame.classList.toggle("held", is); };
      take(false);
      canvas.addEventListener("click", () => take(true));
      if (!coarse.matches) this.frame.addEventListener("pointerleave", () => take(false));
      document.addEventListener("pointerdown", (event) => { if (!event.composedPath().includes(this.frame)) take(false); });
      this.fig.on_event("doubletap", () => this.all());
      for (const event of ["mousemove", "tap"]) this.fig.on_event(event, ({ x }) => { this.said.textContent = momentWords(this.block, x); });
      const keys = { "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.all(), ArrowLeft: () => this.move(-0.2), ArrowRight: () => this.move(0.2) };
      this.frame.addEventListener("keydown", (event) => {
        const act = event.ctrlKey || event.metaKey || event.altKey ? null : keys[event.key];
        if (act) { act(); event.preventDefault(); }
      });
    }

    /** Show another block in the same chart; who looks at all of it goes on doing so. */
    take(text) {
      const whole = this.isWhole(), before = this.block;
      this.text = text; this.block = inTime(JSON.parse(text));
      if (Boolean(before.candles) !== Boolean(this.block.candles)) return false;
      for (const [name, data] of Object.entries(columnsOf(this.block, (ink) => this.inks(ink)))) this.sources[name].data = data;
      const key = this.legend((ink) => this.inks(ink));
      this.key.replaceWith(key); this.key = key;
      const { start, end } = this.ends();
      this.x.bounds = [start, end];
      if (whole) this.all(); else this.show(this.x.start, this.x.end);
      this.fit();
      return true;
    }

    drop() { this.frame?.remove(); this.place.classList.remove("drawn"); drawn.delete(this.place); }
  }

  const drawAll = async () => {
    for (const place of document.querySelectorAll(".zoomable")) {
      const text = place.querySelector("script[type='application/json']")?.textContent.trim(), chart = drawn.get(place);
      if (!text) { chart?.drop(); continue; }
      if (chart && (chart.text === text || chart.take(text))) continue;
      chart?.drop();
      const fresh = new Chart(place, text);
      drawn.set(place, fresh);
      try { await fresh.draw({}); } catch (error) { fresh.drop(); console.error(error); }
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (typeof Bokeh === "undefined") return;
    Bokeh.set_log_level("warn");
    drawAll();
    document.addEventListener("ribbon-parts", drawAll);  // a page that keeps itself up to date has new blocks
    dark.addEventListener("change", () => { for (const chart of [...drawn.values()]) chart.drop(); drawAll(); });
  });
})();
