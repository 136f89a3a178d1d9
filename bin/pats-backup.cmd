@echo off
rem The command line for the editor's integrated terminal: runs on the editor's own Node where the extension names it.
setlocal
if defined PATS_BACKUP_NODE (
  set ELECTRON_RUN_AS_NODE=1
  "%PATS_BACKUP_NODE%" "%~dp0..\dist\cli.js" %*
) else (
  node "%~dp0..\dist\cli.js" %*
)
exit /b %ERRORLEVEL%
