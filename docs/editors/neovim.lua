-- Ghost text from Fimble in Neovim 0.10 and 0.11, which have no inline completion of their own.
-- Copy it to ~/.config/nvim/lua/fimble.lua and write into init.lua: require('fimble').setup()
--
-- Tab accepts all of a suggestion, Ctrl-Right a word, Ctrl-Down a line, Ctrl-] dismisses it; without
-- a suggestion they are the keys they always were. What you type of it stays on the screen.

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local AUTOMATIC, INVOKED = 2, 1
local space = vim.api.nvim_create_namespace('fimble')
local new_calls = vim.fn.has('nvim-0.11') == 1

---What is on the screen, or nil. Its text stands behind `row`, `column` (in bytes, from 0), takes
---the place of `tail` there, and `rest` is what the line holds behind the cursor.
local shown
local cancel -- takes the last request back
local status = { state = 'off', message = '' }

local defaults = {
  cmd = { 'fimble', 'lsp' },
  root_markers = { '.git' },
  settings = nil, -- by the names that `fimble config` prints, such as { completion = {} }
  keys = { accept = '<Tab>', word = '<C-Right>', line = '<C-Down>', dismiss = '<C-]>' },
}

local function request(client, ...)
  if new_calls then return client:request(...) end
  return client.request(...)
end

local function take_back(client, id)
  if new_calls then return client:cancel_request(id) end
  return client.cancel_request(id)
end

local function byte_at(line, character, encoding)
  if new_calls then return vim.str_byteindex(line, encoding, character, false) end
  if encoding == 'utf-8' then return math.min(character, #line) end
  local inside, byte = pcall(vim.str_byteindex, line, character, encoding == 'utf-16')
  return inside and byte or #line
end

local function place()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return row - 1, column, vim.api.nvim_get_current_line()
end

local function clear()
  if shown then
    pcall(vim.api.nvim_buf_clear_namespace, shown.buffer, space, 0, -1)
    shown = nil
  end
end

local function draw()
  local text = shown.text
  if shown.tail ~= '' and vim.endswith(text, shown.tail) then text = text:sub(1, -#shown.tail - 1) end
  local lines = vim.split(text, '\n', { plain = true })
  local below = {}
  for index = 2, #lines do
    below[#below + 1] = { { lines[index], 'Comment' } }
  end
  vim.api.nvim_buf_clear_namespace(shown.buffer, space, 0, -1)
  vim.api.nvim_buf_set_extmark(shown.buffer, space, shown.row, shown.column, {
    virt_text = { { lines[1], 'Comment' } },
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
  })
end

local function show(buffer, client, item)
  local row, column, line = place()
  local range = item.range
  local from = byte_at(line, range.start.character, client.offset_encoding)
  local to = byte_at(line, range['end'].character, client.offset_encoding)
  local typed = line:sub(from + 1, column)
  local text = item.insertText:gsub('\r\n', '\n')
  if range.start.line ~= row or range['end'].line ~= row or not vim.startswith(text, typed) then
    return clear()
  end
  text = text:sub(#typed + 1)
  local tail = line:sub(column + 1, to)
  if text == '' or text == tail then return clear() end
  shown = { buffer = buffer, row = row, column = column, text = text, tail = tail,
    rest = line:sub(column + 1) }
  draw()
end

---Keep what is shown if only its own beginning was typed; else take it away.
local function follow()
  if not shown then return end
  local row, column, line = place()
  local typed = line:sub(shown.column + 1, column)
  if vim.api.nvim_get_current_buf() ~= shown.buffer or row ~= shown.row or column < shown.column
    or line:sub(column + 1) ~= shown.rest or not vim.startswith(shown.text, typed)
    or #typed == #shown.text
  then
    return clear()
  end
  if typed ~= '' then
    shown.text, shown.column = shown.text:sub(#typed + 1), column
    draw()
  end
end

local function ask(kind)
  follow()
  if cancel then cancel() end
  cancel = nil
  local buffer = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = buffer, name = 'fimble' })[1]
  if not client then return end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  local sent, id = request(client, METHOD, params, function(problem, result)
    if problem or vim.api.nvim_get_current_buf() ~= buffer or vim.fn.mode() ~= 'i'
      or vim.api.nvim_buf_get_changedtick(buffer) ~= tick
    then
      return
    end
    local now = vim.lsp.util.make_position_params(0, client.offset_encoding).position
    if not vim.deep_equal(now, params.position) then return end
    local item = result and result.items and result.items[1]
    if item and vim.fn.pumvisible() == 0 then show(buffer, client, item) else clear() end
  end, buffer)
  cancel = sent and function() take_back(client, id) end or nil
end

---Insert the first `length` bytes of what is shown.
local function take(length)
  local it = shown
  if not it or #it.text == 0 then return end
  local text, whole = it.text:sub(1, length), length >= #it.text
  local lines = vim.split(text, '\n', { plain = true })
  local last = it.column + (whole and #it.tail or 0)
  clear()
  vim.cmd('let &undolevels = &undolevels') -- one undo takes back what was accepted, and no more
  vim.api.nvim_buf_set_text(it.buffer, it.row, it.column, it.row, last, lines)
  local row, column = it.row + #lines - 1, #lines[#lines] + (#lines == 1 and it.column or 0)
  vim.api.nvim_win_set_cursor(0, { row + 1, column })
  if not whole then
    it.text, it.row, it.column = it.text:sub(length + 1), row, column
    shown = it
    draw()
  end
end

---How the server and its model are: 'ready', 'loading', 'offline', …; for a status line, as in
---`set statusline+=%{v:lua.require'fimble'.status()}`.
function M.status() return status.state end

---A sentence on what is wrong, or the empty text.
function M.message() return status.message end

---Whether a suggestion is on the screen, for mappings of your own.
function M.visible() return shown ~= nil end

function M.accept() if shown then take(#shown.text) end end

function M.accept_word()
  if shown then take(#(shown.text:match('^%s*[%w_\128-\255]+') or shown.text:match('^%s*[^%w%s_]+')
    or shown.text)) end
end

function M.accept_line()
  if not shown then return end
  local first = shown.text:find('\n', 2, true)
  take(first and first - 1 or #shown.text)
end

function M.dismiss() clear() end

---Ask now, also where typing alone would not.
function M.trigger() ask(INVOKED) end

local function start(options, buffer)
  if vim.bo[buffer].buftype ~= '' then return end
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  capabilities.textDocument.inlineCompletion = { dynamicRegistration = false }
  vim.lsp.start({
    name = 'fimble',
    cmd = options.cmd,
    root_dir = vim.fs.root(buffer, options.root_markers) or vim.fn.getcwd(),
    capabilities = capabilities,
    init_options = options.settings,
    handlers = {
      ['fimble/status'] = function(_, now)
        status = now
        vim.cmd('redrawstatus!')
        -- What was typed while the model was loading gets its answer now.
        if now.state == 'ready' and not shown and vim.fn.mode() == 'i' then ask(AUTOMATIC) end
      end,
    },
    on_exit = function() status = { state = 'off', message = '' } end,
  }, { bufnr = buffer })
end

local function map(key, action, purpose)
  if not key then return end
  vim.keymap.set('i', key, function()
    if not shown then return key end
    vim.schedule(action) -- an expression may not change the text
    return ''
  end, { expr = true, desc = purpose })
end

---Start Fimble for every file and show its suggestions; `options` as in `defaults` above, and a key
---that is false is left alone.
function M.setup(options)
  options = vim.tbl_deep_extend('force', defaults, options or {})
  local group = vim.api.nvim_create_augroup('fimble', {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  on('FileType', function(event) start(options, event.buf) end)
  on({ 'InsertEnter', 'TextChangedI' }, function() ask(AUTOMATIC) end)
  on('CursorMovedI', follow)
  on({ 'InsertLeave', 'BufLeave', 'CompleteChanged' }, clear)
  map(options.keys.accept, M.accept, 'Accept the suggestion of Fimble')
  map(options.keys.word, M.accept_word, "Accept a word of Fimble's suggestion")
  map(options.keys.line, M.accept_line, "Accept a line of Fimble's suggestion")
  map(options.keys.dismiss, M.dismiss, "Dismiss Fimble's suggestion")
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype ~= '' then
      start(options, buffer)
    end
  end
end

return M
