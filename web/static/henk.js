// What makes the pages livelier than links and forms: times in the reader's zone, charts drawn from their tables, and the
// live views' pause. Everything works without it.
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const today = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  function localTimes(root) {
    for (const el of root.querySelectorAll("time[datetime]")) {
      const at = new Date(el.dateTime);
      if (isNaN(at)) continue;
      el.title = el.textContent;
      el.textContent = (at.toDateString() === new Date().toDateString() ? today : zone).format(at);
    }
  }

  // A chart is drawn from the table that stands beside it, so that both always say the same.
  let chart = null;
  function drawChart() {
    const box = document.querySelector("[data-chart=series]"), table = document.getElementById("series");
    if (chart) { chart.destroy(); chart = null; }
    if (!box || !table || typeof uPlot === "undefined") return;
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 2) return;
    const heads = [...table.tHead.rows[0].cells].slice(1).map((c) => c.textContent);
    const data = [rows.map((r) => Number(r.dataset.at))];
    heads.forEach((_, i) => data.push(rows.map((r) => Number(r.cells[i + 1].textContent))));
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    chart = new uPlot({
      width: box.clientWidth, height: 260, padding: [null, 32, null, null],
      scales: { y: { range: (_, min, max) => [0, Math.max(4, max * 1.1)] } },
      axes: [axis, { ...axis, size: 58, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000] }],
      series: [{ label: "Time" }, ...heads.map((label, i) => ({
        label, stroke: colour("--s" + (i + 1)), width: 2, points: { show: rows.length < 40, size: 6 },
        fill: i === 0 ? colour("--s1") + "22" : undefined, dash: [[], [6, 3], [], [2, 3]][i],
      }))],
    }, data, box);
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", "Line chart of the table that follows");
  }
  let resize = 0;
  addEventListener("resize", () => { clearTimeout(resize); resize = setTimeout(drawChart, 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawChart);

  // A live view can be paused, and it never takes away what somebody has focused or marked.
  let paused = false;
  const live = document.querySelector("[data-live]");
  function say(text, stale) {
    for (const el of document.querySelectorAll(".no-live")) el.hidden = true;
    const state = document.querySelector(".live-state");
    if (!state) return;
    state.hidden = false;
    state.classList.toggle("stale", stale);
    state.querySelector("[data-live-text]").textContent = text;
  }
  document.body.addEventListener("htmx:sseOpen", () => { if (!paused) say("live", false); });
  document.body.addEventListener("htmx:sseError", () => { if (!paused) say("connecting …", true); });
  document.body.addEventListener("htmx:sseBeforeMessage", (e) => {
    const mark = getSelection();
    const busy = e.target.contains(document.activeElement) || (mark && !mark.isCollapsed && e.target.contains(mark.anchorNode));
    if (paused || busy) e.preventDefault();
  });
  const toggle = document.querySelector("[data-live-toggle]");
  if (live && toggle) {
    toggle.addEventListener("click", () => {
      paused = !paused;
      toggle.setAttribute("aria-pressed", String(paused));
      say(paused ? "paused" : "live", paused);
    });
  }
  document.body.addEventListener("htmx:afterSwap", (e) => {
    localTimes(e.target);
    if (e.target.querySelector("[data-chart]")) drawChart();
  });

  // A file that is too large is refused before it is sent.
  const file = document.querySelector("input[type=file][data-max]");
  if (file) file.addEventListener("change", () => {
    const most = Number(file.dataset.max), size = file.files.length ? file.files[0].size : 0;
    file.setCustomValidity(size > most ? "The file has " + Math.ceil(size / 1048576) + " MB; at most " + Math.floor(most / 1048576) + " MB are taken." : "");
    file.reportValidity();
  });

  localTimes(document);
  drawChart();
})();
