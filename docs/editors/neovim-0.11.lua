-- Ghost text from Fimble in Neovim 0.11, which has no inline completion of its own (0.12 has).
-- Put it into ~/.config/nvim/lua/fimble.lua and write `require('fimble')` into init.lua.
-- Tab accepts; without a suggestion it is the Tab it always was.

local METHOD = 'textDocument/inlineCompletion'
local space = vim.api.nvim_create_namespace('fimble')
local shown -- { buffer, item, client } while ghost text is on the screen
local cancel -- takes the last request back

vim.lsp.config('fimble', {
  cmd = { 'fimble', 'lsp' },
  root_markers = { '.git' },
  capabilities = { textDocument = { inlineCompletion = { dynamicRegistration = false } } },
})
vim.lsp.enable('fimble')

local function clear()
  if shown then
    pcall(vim.api.nvim_buf_clear_namespace, shown.buffer, space, 0, -1)
    shown = nil
  end
end

local function show(buffer, client, item)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local from = vim.str_byteindex(
    vim.api.nvim_get_current_line(), client.offset_encoding, item.range.start.character, false)
  local lines = vim.split(item.insertText:sub(column - from + 1), '\r?\n')
  local below = {}
  for index = 2, #lines do
    below[#below + 1] = { { lines[index], 'Comment' } }
  end
  vim.api.nvim_buf_set_extmark(buffer, space, row - 1, column, {
    virt_text = { { lines[1], 'Comment' } },
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
  })
  shown = { buffer = buffer, item = item, client = client }
end

local function ask()
  clear()
  if cancel then cancel() end
  local buffer = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = buffer, name = 'fimble' })[1]
  if not client then return end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = 2 }
  local sent, id = client:request(METHOD, params, function(err, result)
    local item = not err and result and result.items and result.items[1]
    local still = vim.lsp.util.make_position_params(0, client.offset_encoding).position
    if item and vim.fn.mode() == 'i' and vim.deep_equal(still, params.position) then
      clear()
      show(buffer, client, item)
    end
  end, buffer)
  cancel = sent and function() client:cancel_request(id) end or nil
end

local function accept()
  local item, client, buffer = shown.item, shown.client, shown.buffer
  clear()
  vim.lsp.util.apply_text_edits(
    { { range = item.range, newText = item.insertText } }, buffer, client.offset_encoding)
  local lines = vim.split(item.insertText, '\r?\n')
  local row = item.range.start.line + #lines
  local from = #lines == 1 and vim.str_byteindex(
    vim.api.nvim_buf_get_lines(buffer, row - 1, row, false)[1],
    client.offset_encoding, item.range.start.character, false) or 0
  vim.api.nvim_win_set_cursor(0, { row, from + #lines[#lines] })
end

local group = vim.api.nvim_create_augroup('fimble', {})
vim.api.nvim_create_autocmd({ 'InsertEnter', 'CursorMovedI', 'TextChangedI' }, {
  group = group,
  callback = ask,
})
vim.api.nvim_create_autocmd('InsertLeave', { group = group, callback = clear })
vim.keymap.set('i', '<Tab>', function()
  if not shown then return '<Tab>' end
  vim.schedule(accept)
  return ''
end, { expr = true, desc = 'Accept the suggestion of Fimble' })
