;;; fimble.el --- Ghost text from a model on your machine  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: convenience, languages, tools

;;; Commentary:

;; Shows what `fimble lsp' suggests as ghost text behind the cursor, beside whatever language
;; server eglot or lsp-mode runs for the buffer: the connection is this package's own.
;;
;; Put the file on your `load-path' and write into your init file:
;;
;;     (require 'fimble)
;;     (global-fimble-mode)
;;
;; While a suggestion is shown, TAB accepts it, C-<right> a word of it, C-<down> a line of it, and
;; C-g dismisses it; at all other times these keys are what they always were.  What you type of a
;; suggestion stays on the screen.  `M-x fimble-suggest' asks where typing alone would not.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'project)
(require 'subr-x)
(require 'url-util)

(defgroup fimble nil
  "Suggestions of a model on your machine."
  :group 'convenience
  :prefix "fimble-")

(defcustom fimble-command '("fimble" "lsp")
  "The server's program and its arguments."
  :type '(repeat string)
  :risky t)

(defcustom fimble-settings nil
  "Settings for the server, by the names that `fimble config' prints.
A property list such as (:completion (:languages_off [\"markdown\"])); nil
leaves all to the server's own file."
  :type 'plist
  :risky t)

(defcustom fimble-modes '(prog-mode text-mode conf-mode)
  "Major modes in which `global-fimble-mode' turns suggestions on.
Modes that are derived from one of them count too."
  :type '(repeat symbol))

(defface fimble-ghost '((t :inherit shadow))
  "A suggestion that is not in the text yet.")

;;;; What is known of a buffer

(defvar-local fimble--server nil "The server of this buffer.")
(defvar-local fimble--opened nil "The URI by which the server has this document.")
(defvar-local fimble--version 0 "The document's version.")
(defvar-local fimble--changes nil
  "What the server has not seen, the newest first; `all' sends the whole text.")
(defvar-local fimble--edited nil "Whether the text changed since the last command.")
(defvar-local fimble--wished nil
  "Where point and the text were when something was typed last.")
(defvar-local fimble--request nil "The identity of the request that is on its way.")

;;;; The connection: one server for each project

(defclass fimble--connection (jsonrpc-process-connection)
  ((root :initarg :root :accessor fimble--root)
   (ready :initform nil :accessor fimble--ready)
   (state :initform "starting" :accessor fimble--state)
   (message :initform "" :accessor fimble--message)
   (draft :initform nil :accessor fimble--draft)
   (wanted :initform t :accessor fimble--wanted))
  "A running server.")

(defvar fimble--connections nil
  "Alist of a project's root and its server.")

(defun fimble--uri (path)
  "Return the URI of the file PATH."
  (concat "file://" (if (eq system-type 'windows-nt) "/" "")
          (url-hexify-string (file-truename path) url-path-allowed-chars)))

(defun fimble--project-root ()
  "Return the root of the project around the current buffer."
  (let ((project (project-current)))
    (expand-file-name
     (cond ((null project) default-directory)
           ((fboundp 'project-root) (project-root project))
           (t (car (with-no-warnings (project-roots project))))))))

(defun fimble--connect ()
  "Return the server of the current buffer's project; start it where there is none.
Return nil, and say why once, when it cannot be started."
  (let* ((root (fimble--project-root))
         (known (cdr (assoc root fimble--connections))))
    (if (and known (jsonrpc-running-p known))
        known
      (condition-case problem
          (let ((connection (fimble--start root)))
            (setf (alist-get root fimble--connections nil nil #'equal) connection)
            connection)
        (file-missing
         (message "Fimble: %s is not on `exec-path'; install it, or set `fimble-command' (%s)"
                  (car fimble-command) (error-message-string problem))
         nil)))))

(defun fimble--start (root)
  "Start a server for the project ROOT and greet it."
  (let* ((arguments
          (list :name "fimble" :root root
                :process (lambda () (fimble--process root))
                :notification-dispatcher #'fimble--notified
                :request-dispatcher #'fimble--asked
                :on-shutdown #'fimble--ended))
         (connection
          ;; Nothing of a document is to be kept in a log; how that is said has changed.
          (condition-case nil
              (apply #'make-instance 'fimble--connection
                     :events-buffer-config '(:size 0) arguments)
            (invalid-slot-name
             (apply #'make-instance 'fimble--connection
                    :events-buffer-scrollback-size 0 arguments)))))
    (jsonrpc-async-request
     connection :initialize
     (list :processId (emacs-pid)
           :clientInfo (list :name "Emacs" :version emacs-version)
           :rootUri (fimble--uri root)
           :workspaceFolders (vector (list :uri (fimble--uri root)
                                           :name (file-name-nondirectory
                                                  (directory-file-name root))))
           :capabilities
           (list :general (list :positionEncodings ["utf-32"])
                 :textDocument
                 (list :synchronization (list :dynamicRegistration :json-false)
                       :inlineCompletion (list :dynamicRegistration :json-false))
                 :experimental '(:fimble (:drafts t)))
           :initializationOptions (or fimble-settings (make-hash-table :size 0)))
     :success-fn (lambda (_answer) (fimble--greeted connection))
     :error-fn (lambda (problem)
                 (message "Fimble does not start: %s" (plist-get problem :message)))
     :timeout 60
     :timeout-fn (lambda () (message "Fimble does not answer; see *fimble stderr*")))
    connection))

(defun fimble--process (root)
  "Start the server's process in ROOT."
  (let ((default-directory (file-name-as-directory root)))
    (make-process :name "fimble" :command fimble-command :connection-type 'pipe
                  :coding 'utf-8-emacs-unix :noquery t
                  :stderr (get-buffer-create "*fimble stderr*"))))

(defun fimble--greeted (connection)
  "Open the documents that wait for CONNECTION."
  (jsonrpc-notify connection :initialized (make-hash-table :size 0))
  (setf (fimble--ready connection) t)
  (fimble--in-buffers-of connection #'fimble--open))

(defun fimble--in-buffers-of (connection action)
  "Call ACTION in each buffer whose server is CONNECTION."
  (dolist (buffer (buffer-list))
    (when (and (buffer-live-p buffer)
               (eq connection (buffer-local-value 'fimble--server buffer)))
      (with-current-buffer buffer
        (funcall action)))))

(defun fimble--notified (connection method parameters)
  "Take PARAMETERS of the notification METHOD of CONNECTION."
  (pcase method
    ;; The next answer is a draft: the model's is to be asked for when it is shown.
    ('fimble/draft (setf (fimble--draft connection) t))
    ('fimble/status
     (setf (fimble--state connection) (plist-get parameters :state)
           (fimble--message connection) (plist-get parameters :message))
     (force-mode-line-update t)
     (when (equal (fimble--state connection) "ready")
       (fimble--in-buffers-of connection #'fimble--grant)))))

(defun fimble--asked (_connection method _parameters)
  "Answer the server's request METHOD."
  (unless (memq method '(client/registerCapability client/unregisterCapability
                         window/workDoneProgress/create workspace/codeLens/refresh))
    (jsonrpc-error :code -32601 :message "Not in this client")))

(defun fimble--ended (connection)
  "Forget CONNECTION, whose process ended."
  (setq fimble--connections (rassq-delete-all connection fimble--connections))
  (when (fimble--wanted connection)
    (message "Fimble's server ended; `M-x fimble-restart' starts it again"))
  (fimble--in-buffers-of connection
                         (lambda ()
                           (fimble--clear)
                           (setq fimble--opened nil))))

;;;; The document: what was changed is sent before anything is asked

(defun fimble--position (place)
  "Return PLACE as the protocol writes it; columns are characters."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char place)
      (list :line (1- (line-number-at-pos nil t))
            :character (- place (line-beginning-position))))))

(defun fimble--text ()
  "Return the whole text."
  (save-restriction
    (widen)
    (buffer-substring-no-properties (point-min) (point-max))))

(defun fimble--document ()
  "Return the document's name."
  (list :uri fimble--opened))

(defun fimble--open ()
  "Give the document to the server."
  (setq fimble--opened (fimble--uri buffer-file-name)
        fimble--changes nil
        fimble--version (1+ fimble--version))
  (jsonrpc-notify
   fimble--server :textDocument/didOpen
   (list :textDocument
         (append (fimble--document)
                 (list :languageId (replace-regexp-in-string
                                    "\\(-ts\\)?-mode\\'" "" (symbol-name major-mode))
                       :version fimble--version
                       :text (fimble--text))))))

(defun fimble--close ()
  "Take the document from the server."
  (when (fimble--live-p)
    (jsonrpc-notify fimble--server :textDocument/didClose
                    (list :textDocument (fimble--document))))
  (setq fimble--opened nil))

(defun fimble--renamed ()
  "Give the document to the server by its new name."
  (when (fimble--live-p)
    (fimble--close)
    (fimble--open)))

(defun fimble--live-p ()
  "Return whether the server has this document."
  (and fimble--opened fimble--server (jsonrpc-running-p fimble--server)))

(defun fimble--before-change (start end)
  "Note where the text from START to END stands, before it changes."
  (when (and fimble--opened (listp fimble--changes))
    (push (list (fimble--position start) (fimble--position end) start end) fimble--changes)))

(defun fimble--after-change (start end replaced)
  "Note that REPLACED characters became the text from START to END."
  (setq fimble--edited t)
  (pcase (and (listp fimble--changes) (car fimble--changes))
    ((and `(,from ,to ,began ,ended)
          (guard (and (= began start) (= (- ended began) replaced))))
     (setcar fimble--changes
             (list :range (list :start from :end to)
                   :text (save-restriction
                           (widen)
                           (buffer-substring-no-properties start end)))))
    ;; Some commands announce more than they change; the whole text is always right.
    (_ (setq fimble--changes (and fimble--opened 'all)))))

(defun fimble--send-changes ()
  "Send what the server has not seen."
  (when (and fimble--changes (fimble--live-p))
    (let ((changes (if (and (listp fimble--changes)
                            (cl-every (lambda (change) (eq (car change) :range)) fimble--changes))
                       (vconcat (reverse fimble--changes))
                     (vector (list :text (fimble--text))))))
      (setq fimble--changes nil fimble--version (1+ fimble--version))
      (jsonrpc-notify
       fimble--server :textDocument/didChange
       (list :textDocument (append (fimble--document) (list :version fimble--version))
             :contentChanges changes)))))

(defun fimble--saved ()
  "Tell the server that the document was saved."
  (when (fimble--live-p)
    (fimble--send-changes)
    (jsonrpc-notify fimble--server :textDocument/didSave
                    (list :textDocument (fimble--document)))))

;;;; What is shown

(defvar-local fimble--visible nil "Whether a suggestion is shown; turns its keys on.")
(defvar-local fimble--ghost nil "What is left of the suggestion, behind point.")
(defvar-local fimble--tail 0 "How many characters behind point it takes the place of.")
(defvar-local fimble--anchor nil "Where point is while it is shown.")
(defvar-local fimble--rest nil "The rest of the line behind point.")
(defvar-local fimble--overlays nil "What draws it.")

(defun fimble--clear ()
  "Take the suggestion from the screen."
  (mapc #'delete-overlay fimble--overlays)
  (setq fimble--overlays nil fimble--ghost nil fimble--visible nil))

(defun fimble--overlay (place text)
  "Draw TEXT behind PLACE."
  (let ((overlay (make-overlay place place nil t nil)))
    (overlay-put overlay 'after-string text)
    (push overlay fimble--overlays)))

(defun fimble--draw ()
  "Draw the suggestion: its first line behind point, the others below the line."
  (mapc #'delete-overlay fimble--overlays)
  (setq fimble--overlays nil fimble--visible t fimble--anchor (point)
        fimble--rest (buffer-substring-no-properties (point) (line-end-position)))
  (let* ((tail (substring fimble--rest 0 (min fimble--tail (length fimble--rest))))
         (shown (propertize (string-remove-suffix tail fimble--ghost) 'face 'fimble-ghost))
         (first (string-match-p "\n" shown)))
    (unless (string-empty-p shown)
      (put-text-property 0 1 'cursor t shown)
      (if (or (null first) (eolp))
          (fimble--overlay (point) shown)
        (fimble--overlay (point) (substring shown 0 first))
        (fimble--overlay (line-end-position) (substring shown first))))))

(defun fimble--show (item)
  "Show the server's suggestion ITEM if it fits to what stands before point."
  (let* ((range (plist-get item :range))
         (from (fimble--column (plist-get range :start)))
         (to (fimble--column (plist-get range :end)))
         (typed (and from to (<= from (point) to) (buffer-substring-no-properties from (point))))
         (text (plist-get item :insertText)))
    (if (not (and typed (string-prefix-p typed text)))
        (fimble--clear)
      (setq fimble--ghost (substring text (length typed))
            fimble--tail (- to (point)))
      (if (equal fimble--ghost (buffer-substring-no-properties (point) to))
          (fimble--clear)
        (fimble--draw)))))

(defun fimble--column (position)
  "Return the place of the protocol's POSITION in the line of point, or nil."
  (let ((place (+ (line-beginning-position) (plist-get position :character))))
    (and (= (plist-get position :line) (1- (line-number-at-pos nil t)))
         (<= place (line-end-position))
         place)))

(defun fimble--follow ()
  "Keep what is shown while its own beginning is typed; else take it away."
  (when fimble--ghost
    (let ((typed (and (<= fimble--anchor (point) (point-max))
                      (buffer-substring-no-properties fimble--anchor (point)))))
      (if (not (and typed
                    (string-prefix-p typed fimble--ghost)
                    (< (length typed) (length fimble--ghost))
                    (equal fimble--rest
                           (buffer-substring-no-properties (point) (line-end-position)))))
          (fimble--clear)
        (unless (string-empty-p typed)
          (setq fimble--ghost (substring fimble--ghost (length typed)))
          (fimble--draw))))))

;;;; Asking

(defun fimble--ask (kind)
  "Ask for a suggestion at point; KIND is 1 when the user wants it, else 2."
  (fimble--take-back)
  (when (fimble--live-p)
    (fimble--send-changes)
    (let ((buffer (current-buffer)) (place (point)) (tick (buffer-chars-modified-tick)))
      (setq fimble--request
            (car (jsonrpc-async-request
                  fimble--server :textDocument/inlineCompletion
                  (list :textDocument (fimble--document)
                        :position (fimble--position place)
                        :context (list :triggerKind kind))
                  :success-fn (lambda (answer) (fimble--answered answer buffer place tick))
                  :error-fn #'ignore :timeout-fn #'ignore :timeout 120))))))

(defun fimble--take-back ()
  "Tell the server that nobody waits for the last answer any more."
  (when (and fimble--request (fimble--live-p))
    (jsonrpc-notify fimble--server :$/cancelRequest (list :id fimble--request)))
  (setq fimble--request nil))

(defun fimble--answered (answer buffer place tick)
  "Show what is in ANSWER if BUFFER is as it was at TICK, with point at PLACE."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (when (and (= place (point)) (= tick (buffer-chars-modified-tick)))
        (setq fimble--request nil)
        (let ((items (if (vectorp answer) answer (plist-get answer :items)))
              (draft (fimble--draft fimble--server)))
          (setf (fimble--draft fimble--server) nil)
          (if (or (null items) (= 0 (length items)) (bound-and-true-p completion-in-region-mode))
              (fimble--clear)
            (fimble--show (elt items 0))
            (when draft
              (fimble--ask 2))))))))

(defun fimble--after-command ()
  "Follow what the last command did, and ask when it changed the text."
  (fimble--follow)
  (when fimble--edited
    (setq fimble--edited nil)
    (if (or buffer-read-only (use-region-p))
        (fimble--send-changes)
      (setq fimble--wished (list (point) (buffer-chars-modified-tick)))
      (fimble--ask 2))))

(defun fimble--grant ()
  "Ask again, now that the model is there, if nothing was done since."
  (when (and (null fimble--ghost)
             (equal fimble--wished (list (point) (buffer-chars-modified-tick))))
    (fimble--ask 2)))

;;;; Commands

(defun fimble--take (length)
  "Put the first LENGTH characters of the suggestion into the text."
  (let* ((ghost fimble--ghost) (tail fimble--tail) (rest (substring ghost length)))
    (undo-boundary)
    (fimble--clear)
    (when (string-empty-p rest)
      (delete-char tail))
    (insert (substring ghost 0 length))
    (unless (string-empty-p rest)
      (setq fimble--ghost rest fimble--tail tail)
      (fimble--draw))))

(defun fimble-accept ()
  "Put the suggestion into the text."
  (interactive)
  (when fimble--ghost
    (fimble--take (length fimble--ghost))))

(defun fimble-accept-word ()
  "Put the suggestion's next word into the text."
  (interactive)
  (when fimble--ghost
    (string-match "\\`[[:space:]\n]*\\(?:[[:alnum:]_]+\\|[^[:alnum:]_[:space:]\n]+\\|\\'\\)"
                  fimble--ghost)
    (fimble--take (match-end 0))))

(defun fimble-accept-line ()
  "Put the suggestion's line into the text; at a line's end the next one."
  (interactive)
  (when fimble--ghost
    (fimble--take (or (string-match "\n" fimble--ghost 1) (length fimble--ghost)))))

(defun fimble-dismiss ()
  "Take the suggestion away."
  (interactive)
  (fimble--take-back)
  (fimble--clear)
  (when (called-interactively-p 'interactive)
    (keyboard-quit)))

(defun fimble-suggest ()
  "Ask for a suggestion at point now."
  (interactive)
  (if (fimble--live-p)
      (fimble--ask 1)
    (message "Fimble does not run in this buffer; turn on `fimble-mode'")))

(defun fimble-status ()
  "Say how the server and its model are."
  (interactive)
  (if (not fimble--server)
      (message "Fimble does not run in this buffer; turn on `fimble-mode'")
    (message "Fimble is %s. %s" (fimble--state fimble--server)
             (or (fimble--message fimble--server) ""))))

(defun fimble-restart ()
  "Start the server of this project anew, with all its documents."
  (interactive)
  (let ((old fimble--server))
    (when (and old (jsonrpc-running-p old))
      (setf (fimble--wanted old) nil)
      (jsonrpc-shutdown old))
    (fimble--in-buffers-of old #'fimble--join)))

;;;; The modes

(defvar fimble-suggestion-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "TAB") #'fimble-accept)
    (define-key map [tab] #'fimble-accept)
    (define-key map (kbd "C-<right>") #'fimble-accept-word)
    (define-key map (kbd "C-<down>") #'fimble-accept-line)
    (define-key map (kbd "C-g") #'fimble-dismiss)
    map)
  "Keys while a suggestion is shown.")

(defvar fimble--emulation-alist `((fimble--visible . ,fimble-suggestion-map))
  "Puts those keys before those of other minor modes.")

(defconst fimble--hooks
  '((before-change-functions . fimble--before-change)
    (after-change-functions . fimble--after-change)
    (post-command-hook . fimble--after-command)
    (after-save-hook . fimble--saved)
    (kill-buffer-hook . fimble--close)
    (change-major-mode-hook . fimble--close)
    (after-set-visited-file-name-hook . fimble--renamed)
    (before-revert-hook . fimble--clear))
  "Functions of the mode and the hooks that call them.")

(defun fimble--join ()
  "Bring the buffer to its server."
  (setq fimble--server (fimble--connect))
  (when (and fimble--server (fimble--ready fimble--server))
    (fimble--open)))

;;;###autoload
(define-minor-mode fimble-mode
  "Show suggestions of a model on your machine as ghost text.
\\{fimble-suggestion-map}"
  :lighter (:eval (fimble--lighter))
  (pcase-dolist (`(,hook . ,function) fimble--hooks)
    (if fimble-mode
        (add-hook hook function nil t)
      (remove-hook hook function t)))
  (cond ((not fimble-mode) (fimble--clear) (fimble--close) (setq fimble--server nil))
        ((or (null buffer-file-name) (file-remote-p buffer-file-name))
         (fimble-mode -1)
         (when (called-interactively-p 'interactive)
           (message "Fimble needs a file on this machine")))
        (t (add-to-list 'emulation-mode-map-alists 'fimble--emulation-alist)
           (fimble--join))))

(defun fimble--lighter ()
  "Return what the mode line says."
  (let ((state (and fimble--server (fimble--state fimble--server))))
    (if (member state '(nil "ready")) " Fimble" (format " Fimble:%s" state))))

(defun fimble--turn-on ()
  "Turn the mode on where it is of use."
  (when (and buffer-file-name (apply #'derived-mode-p fimble-modes))
    (fimble-mode)))

;;;###autoload
(define-globalized-minor-mode global-fimble-mode fimble-mode fimble--turn-on)

(provide 'fimble)

;;; fimble.el ends here
