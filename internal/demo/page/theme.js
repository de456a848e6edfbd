"use strict";

// The theme chosen here before, set before anything is painted.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* a browser that stores nothing */ }
