using IotPlatform.Bench.Linux;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Keep-alive connections to one or more servers, in turn, each with at most one request in flight. Written on sockets because a client library would use
/// as much CPU for a call as the server that is measured.
/// </summary>
/// <param name="ports">Where the servers listen.</param>
/// <param name="connections">How many connections.</param>
/// <param name="firstToken">The first of the tokens by which an epoll knows them: two pools may share one.</param>
internal sealed class HttpPool(IReadOnlyList<int> ports, int connections, int firstToken) : IDisposable
{
    private readonly HttpCallerConnection?[] _connections = new HttpCallerConnection?[connections];
    private readonly Queue<int> _idle = new();

    public bool HasIdle => _idle.Count > 0;

    /// <summary>Connects. Not before it is needed: a server closes a connection on which nothing is asked.</summary>
    public void Open(Epoll epoll)
    {
        for (var index = 0; index < connections; index++)
        {
            var connection = _connections[index] = new HttpCallerConnection(ports[index % ports.Count]);
            epoll.Watch(connection.Descriptor, Epoll.Readable, firstToken + index);
            _idle.Enqueue(index);
        }
    }

    /// <summary>Sends a request on the connection that has been idle for longest.</summary>
    /// <param name="request">The whole request.</param>
    /// <param name="subject">What it is about, given back with the answer.</param>
    public void Send(ReadOnlySpan<byte> request, int subject) => _connections[_idle.Dequeue()]!.Send(subject, request);

    public bool Owns(int token) => token >= firstToken && token < firstToken + connections;

    /// <summary>Receives what is there; true when an answer is whole.</summary>
    public bool TryReceive(int token, out int subject, out HttpAnswer answer)
    {
        var connection = _connections[token - firstToken]!;
        subject = connection.Sequence;
        if (!connection.TryReceive(out answer))
        {
            return false;
        }

        _idle.Enqueue(token - firstToken);
        return true;
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection?.Dispose();
        }
    }
}
