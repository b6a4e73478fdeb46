"""The live room: the server plays the film to its viewers by WebRTC."""
