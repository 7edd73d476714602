// On a phone the sidebar lies over the page. A choice in it closes it, as a touch beside it does.
window.closesSidebar ??= document.addEventListener("click", (event) => {
    if (event.target.closest?.('[data-testid="stSidebar"] a'))
        document.querySelector('[data-testid="stMain"]')?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
}) ?? true;
