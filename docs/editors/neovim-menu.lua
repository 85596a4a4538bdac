-- The completion menu of Neovim 0.11 instead of ghost text.
vim.lsp.config('fimble', { cmd = { 'fimble', 'lsp' }, root_markers = { '.git' } })
vim.lsp.enable('fimble')
vim.api.nvim_create_autocmd('LspAttach', {
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or client.name ~= 'fimble' then return end
    vim.lsp.completion.enable(true, client.id, event.buf, {
      autotrigger = true,
      -- Neovim takes the text up to its first blank, where it should take the line.
      convert = function(item) return { word = item.textEdit.newText:match('^[^\r\n]*') } end,
    })
  end,
})
