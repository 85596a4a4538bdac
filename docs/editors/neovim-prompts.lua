-- Shows the prompt of the code lens "Render here" in a split.
vim.lsp.commands['fimble.renderPrompt'] = function(command, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local params = { command = command.command, arguments = command.arguments }
  client:request('workspace/executeCommand', params, function(problem, result)
    if problem then
      return vim.notify(problem.message, vim.log.levels.ERROR)
    end
    vim.cmd.new()
    vim.bo.buftype, vim.bo.bufhidden = 'nofile', 'wipe'
    vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(result.text, '\n'))
  end)
end
