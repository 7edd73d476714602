// On a phone the sidebar lies over the page. A choice in it closes it, as a touch beside it does.
window.closesSidebar ??= document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-testid="stSidebar"] a'))
        document.querySelector('[data-testid="stMain"]')?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
}) ?? true;

// Ctrl+K before the Search button has loaded opens the search as soon as it has; the browser's own search stays shut.
window.opensSearch ??= document.addEventListener("keydown", (event) => {
    const button = () => document.querySelector(".st-key-jump button");
    if (!event.ctrlKey || event.key?.toLowerCase() !== "k" || event.repeat || button()) return;
    event.preventDefault();
    new MutationObserver((_, waiting) => {
        if (!button()) return;
        waiting.disconnect();
        button().click();
    }).observe(document.body, { childList: true, subtree: true });
}) ?? true;
