// On a phone the sidebar lies over the page. A choice in it closes it, as a touch beside it does.
window.closesSidebar ??= document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-testid="stSidebar"] a'))
        document.querySelector('[data-testid="stMain"]')?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
}) ?? true;

// Ctrl+K (Cmd+K on a Mac) opens the search as soon as its button is there; the browser's own search stays closed. Streamlit
// listens for it a moment after the button is drawn, and would lose a key within that moment.
window.opensSearch ??= (() => {
    const click = () => {
        const button = document.querySelector(".st-key-jump button");
        button?.click();
        return Boolean(button);
    };
    const opening = new MutationObserver(() => click() && opening.disconnect());
    window.addEventListener("keydown", (event) => {
        if (event.ctrlKey === event.metaKey || event.altKey || event.shiftKey || event.key?.toLowerCase() !== "k") return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (!event.repeat && !click()) opening.observe(document.body, { childList: true, subtree: true });
    }, true);
    return true;
})();

// What is typed in the search is sent a moment later: the `live` of its field, here with time to spare. A choice within this
// moment waits for it: sent after the choice, it would still name the page that was left, and Streamlit would clear the one
// that was chosen.
window.choosesAfterTyping ??= (() => {
    const LIVE_MS = 250;
    let typedAt = -LIVE_MS;
    document.addEventListener("input", (event) => {
        if (event.target.closest?.('[role="dialog"] .st-key-jump_text')) typedAt = event.timeStamp;
    }, true);
    document.addEventListener("click", (event) => {
        const link = event.target.closest?.('[role="dialog"] a');
        const waits = typedAt + LIVE_MS - event.timeStamp;
        if (!link || waits <= 0) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        setTimeout(() => {
            const same = [...document.querySelectorAll('[role="dialog"] a')].find((each) => each.href === link.href);
            (link.isConnected ? link : same)?.click();
        }, waits);
    }, true);
    return true;
})();
