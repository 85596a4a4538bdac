" The completion menu of Vim 9, through the plugin prabirshrestha/vim-lsp.
autocmd User lsp_setup call lsp#register_server({
    \ 'name': 'fimble',
    \ 'cmd': {_ -> ['fimble', 'lsp']},
    \ 'allowlist': ['*'],
    \ })
autocmd User lsp_buffer_enabled setlocal omnifunc=lsp#complete
