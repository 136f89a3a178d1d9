@echo off
rem The command line for the editor's integrated terminal: on a Node of this machine that is new enough, because the editor's own
rem cannot be asked anything on a Windows console; else on the editor's own Node, where the extension names it.
rem No blocks in brackets: a bracket in an argument would end them.
setlocal
if not defined PATS_BACKUP_NODE goto node
node -e "process.exit(parseInt(process.versions.node) > 21 ? 0 : 1)" >nul 2>nul
if not errorlevel 1 goto node
set ELECTRON_RUN_AS_NODE=1
"%PATS_BACKUP_NODE%" "%~dp0..\dist\cli.js" %*
exit /b %ERRORLEVEL%
:node
node "%~dp0..\dist\cli.js" %*
exit /b %ERRORLEVEL%
