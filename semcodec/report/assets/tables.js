// Titles of sortable tables become buttons; figures sort as numbers, what has none comes last.
for (const table of document.querySelectorAll('table.sortable')) {
  const titles = [...table.tHead.rows[0].cells];
  titles.forEach((title, column) => {
    const button = make('button', { type: 'button' }, title.textContent);
    title.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = title.getAttribute('aria-sort') === 'ascending';
      titles.forEach((other) => other.removeAttribute('aria-sort'));
      title.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const sign = down ? -1 : 1;
      const value = (row) => row.cells[column].textContent.trim();
      const rows = [...table.tBodies[0].rows];
      rows.sort((one, other) => {
        const a = parseFloat(value(one)), b = parseFloat(value(other));
        if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
        return sign * (Number.isNaN(a) ? value(one).localeCompare(value(other)) : a - b);
      });
      table.tBodies[0].append(...rows);
    });
  });
}
