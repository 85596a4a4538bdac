-- Ghost text by Neovim 0.12 itself, in init.lua.
vim.lsp.config('fimble', { cmd = { 'fimble', 'lsp' }, root_markers = { '.git' } })
vim.lsp.enable('fimble')
vim.lsp.inline_completion.enable()
vim.keymap.set('i', '<Tab>', function()
  if not vim.lsp.inline_completion.get() then return '<Tab>' end
end, { expr = true, desc = 'Accept the suggestion' })
