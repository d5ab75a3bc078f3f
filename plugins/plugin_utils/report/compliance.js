"use strict";
(() => {
  const form = document.querySelector("form"), list = document.querySelector(".list");
  const all = list ? [...list.children] : [];
  const rank = { critical: 4, high: 3, medium: 2, low: 1 };
  const texts = new Map();
  const text = (each) => texts.get(each) || texts.set(each, each.textContent.toLowerCase()).get(each);
  const value = (name) => (form.elements[name] ? form.elements[name].value : "");
  const has = (each, name, wanted) => !wanted || (each.dataset[name] || "").split("|").includes(wanted);
  const orders = {
    name: (a, b) => a.dataset.name.localeCompare(b.dataset.name, undefined, { numeric: true }),
    severity: (a, b) => (rank[b.dataset.worst] || 0) - (rank[a.dataset.worst] || 0) || b.dataset.count - a.dataset.count || orders.name(a, b),
    findings: (a, b) => b.dataset.count - a.dataset.count || orders.name(a, b),
    since: (a, b) => (a.dataset.since || "9").localeCompare(b.dataset.since || "9") || orders.name(a, b),
  };
  const names = ["q", "rule", "severity", "firmware", "group", "state", "change", "sort"];
  let sorted = "severity"; // as the page has them
  const show = () => {
    const words = value("q").toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const each of all) {
      const fits = words.every((word) => text(each).includes(word)) && has(each, "rules", value("rule")) &&
        has(each, "severities", value("severity")) && has(each, "firmware", value("firmware")) &&
        has(each, "groups", value("group")) && has(each, "state", value("state")) && has(each, "changes", value("change"));
      each.hidden = !fits;
      count += fits;
    }
    if (sorted !== value("sort")) list.append(...[...all].sort(orders[value("sort")] || orders.severity));
    sorted = value("sort");
    document.querySelector(".shown").textContent = `${count} of ${all.length} devices`;
  };
  if (form) {
    form.hidden = false;
    const state = new URLSearchParams(location.search);
    for (const name of names) if (state.has(name) && form.elements[name]) form.elements[name].value = state.get(name);
    const chose = () => {
      show();
      const chosen = new URLSearchParams(names.filter((name) => value(name) && !(name === "sort" && value(name) === "severity")).map((name) => [name, value(name)]));
      try { history.replaceState(null, "", `${location.pathname}${String(chosen) && "?" + chosen}${location.hash}`); } catch { /* a page from a file may not */ }
    };
    form.addEventListener("input", chose);
    form.addEventListener("change", chose);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(chose));
    show();
  }
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const around = target && target.closest("details");
    if (!around) return;
    around.open = true;
    if (around.hidden && form) { form.reset(); setTimeout(() => target.scrollIntoView()); }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  for (const code of document.querySelectorAll(".fix code")) {
    const button = document.createElement("button");
    button.className = "copy";
    button.type = "button";
    button.textContent = "copy";
    button.addEventListener("click", async () => {
      const lines = code.textContent.split(" / ").join("\n");
      try { await navigator.clipboard.writeText(lines); button.textContent = "copied"; }
      catch { getSelection().selectAllChildren(code); button.textContent = "selected"; }
    });
    code.after(button);
  }
  for (const button of document.querySelectorAll("button.all")) {
    button.hidden = false;
    button.addEventListener("click", () => { for (const each of all) if (!each.hidden) each.open = button.value === "open"; });
  }
  const closed = [];
  addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details:not([open])")) { closed.push(each); each.open = true; } });
  addEventListener("afterprint", () => { for (const each of closed.splice(0)) each.open = false; });
})();
