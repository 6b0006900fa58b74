// Accounts are dragged in and out of a plan: a drop presses the row's own button, which works without this file too.
"use strict";
(() => {
  const MOVED = "text/canyu-account";
  let moving = null;
  let focusKey = "";

  function findZone(event) {
    const zone = event.target.closest?.("section[data-zone]");
    return zone && moving && zone.dataset.zone !== moving.dataset.zone ? zone : null;
  }

  function clear() {
    for (const zone of document.querySelectorAll(".plan-zone.over")) {
      zone.classList.remove("over");
    }
    moving?.classList.remove("moving");
  }

  document.addEventListener("dragstart", (event) => {
    moving = event.target.closest?.("tr[data-account]") ?? null;
    if (moving) {
      event.dataTransfer.setData(MOVED, moving.dataset.account);
      event.dataTransfer.effectAllowed = "move";
      moving.classList.add("moving");
    }
  });
  document.addEventListener("dragover", (event) => {
    const zone = findZone(event);
    if (zone) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      zone.classList.add("over");
    }
  });
  document.addEventListener("dragleave", (event) => {
    const zone = event.target.closest?.("section[data-zone]");
    if (zone && !zone.contains(event.relatedTarget)) {
      zone.classList.remove("over");
    }
  });
  document.addEventListener("drop", (event) => {
    const zone = findZone(event);
    if (zone) {
      event.preventDefault();
      const button = moving.querySelector("button[data-move]");
      clear();
      button?.click();
    }
  });
  document.addEventListener("dragend", () => {
    clear();
    moving = null;
  });

  // After a move the rows are new: the focus goes to the same account where it stands now, or else to the plan.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#moves button");
    focusKey = button ? button.closest("tr")?.dataset.account ?? "plan" : "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "board" || !focusKey) {
      return;
    }
    const row = document.querySelector(`tr[data-account="${CSS.escape(focusKey)}"]`);
    const next = row?.querySelector("button[data-move]") ?? document.getElementById("plan-in-title");
    next?.focus({ preventScroll: true });
    focusKey = "";
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
    if (event.key === "u" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      document.querySelector("[data-undo]")?.click();
    }
  });
})();
