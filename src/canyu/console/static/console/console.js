// The little that must be a script: keys, dialogs, copy link. Every page works without it.
"use strict";
(() => {
  const find = (selector) => document.querySelector(selector);
  let isGoing = false;
  let goingTimer = 0;

  function isTyping(target) {
    return target.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName);
  }

  function focusSearch() {
    const field = find("[data-search]");
    if (field) {
      field.focus();
      field.select();
      return true;
    }
    const posts = find("nav a[data-letter='o']");
    if (posts) {
      location.assign(posts.href + "#search");
    }
    return Boolean(posts);
  }

  function handleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || find("dialog[open]")) {
      return;
    }
    const going = isGoing;
    isGoing = false;
    clearTimeout(goingTimer);
    if (going) {
      const place = find(`nav a[data-letter="${CSS.escape(event.key)}"]`);
      if (place) {
        event.preventDefault();
        location.assign(place.href);
      }
    } else if (/^[1-9]$/.test(event.key)) {
      find(`main button[data-key="${event.key}"]`)?.click();
    } else if (event.key === "g") {
      isGoing = true;
      goingTimer = setTimeout(() => { isGoing = false; }, 1500);
    } else if (event.key === "/" && focusSearch()) {
      event.preventDefault();
    } else if (event.key === "?") {
      find("#help")?.showModal();
    }
  }

  function tell(text) {
    const note = document.createElement("div");
    note.className = "toast";
    note.setAttribute("role", "status");
    note.textContent = text;
    document.body.append(note);
    setTimeout(() => note.remove(), 2000);
  }

  async function copyText(button) {
    const text = document.getElementById(button.dataset.copiesText);
    try {
      await navigator.clipboard.writeText(text.textContent);
      tell(button.dataset.done);
    } catch {
      // no clipboard in this window: mark the words, so that they can be copied by hand
      getSelection().selectAllChildren(text);
    }
  }

  async function copyLink(button) {
    const link = new URL(button.dataset.copies, location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      tell(button.dataset.done);
    } catch {
      // no clipboard without HTTPS on other hosts: show the link to copy by hand
      window.prompt(button.dataset.done, link);
    }
  }

  function handleClick(event) {
    const opener = event.target.closest("[data-opens]");
    const closer = event.target.closest("[data-closes]");
    const text = event.target.closest("[data-copies-text]");
    const copier = event.target.closest("[data-copies]");
    if (opener) {
      document.getElementById(opener.dataset.opens)?.showModal();
    } else if (closer) {
      event.preventDefault();
      closer.closest("dialog")?.close();
    } else if (copier) {
      copyLink(copier);
    } else if (text) {
      copyText(text);
    } else if (event.target.tagName === "DIALOG") {
      event.target.close();
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    }
  }

  function openDrawer(event) {
    const drawer = find("#drawer");
    if (event.detail.target?.id === "drawer-body" && drawer && !drawer.open) {
      drawer.showModal();
    }
  }

  // what changes while a page is open: one part is fetched anew, or a hidden word of it is shown
  function listen(place) {
    const wanted = Number(place.dataset.thing || 0);
    let timer = 0;
    new EventSource(place.dataset.stream).addEventListener("news", (event) => {
      if (timer || (wanted && !JSON.parse(event.data).things.includes(wanted))) {
        return;
      }
      timer = setTimeout(() => {
        timer = 0;
        const shown = place.dataset.shows && find(place.dataset.shows);
        if (shown) {
          shown.hidden = false;
        } else if (place.dataset.wakes) {
          find(place.dataset.wakes)?.dispatchEvent(new Event("news"));
        }
      }, 500);
    });
  }

  document.addEventListener("keydown", handleKey);
  document.addEventListener("click", handleClick);
  document.addEventListener("htmx:afterSwap", openDrawer);
  document.querySelectorAll("[data-stream]").forEach(listen);
  if (location.hash === "#search") {
    focusSearch();
  }
})();
