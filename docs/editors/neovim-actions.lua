-- Edit with Fimble in your own words, and stop what Fimble writes. For Neovim 0.11 and newer.

local function fimble()
  return vim.lsp.get_clients({ name = 'fimble', bufnr = 0 })[1]
end

-- In normal mode for the function around the cursor, in visual mode for the selection.
vim.keymap.set({ 'n', 'x' }, '<leader>e', function()
  local client = fimble()
  if not client then
    return
  end
  local visual = vim.fn.mode():match('[vV\22]')
  local params
  if visual then
    vim.api.nvim_feedkeys(vim.keycode('<Esc>'), 'nx', false)
    params = vim.lsp.util.make_given_range_params(nil, nil, 0, client.offset_encoding)
  else
    params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  end
  vim.ui.input({ prompt = 'Edit with Fimble: ' }, function(words)
    if words and words ~= '' then
      client:exec_cmd({
        title = 'Edit with Fimble',
        command = 'fimble.edit',
        arguments = { { uri = params.textDocument.uri, range = params.range, instruction = words } },
      })
    end
  end)
end, { desc = 'Edit with Fimble' })

vim.api.nvim_create_user_command('FimbleStop', function()
  local client = fimble()
  for token in pairs(client and client.progress.pending or {}) do
    client:notify('window/workDoneProgress/cancel', { token = token })
  end
end, { desc = 'Stop what Fimble writes' })
