using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>One call from its first message to its status.</summary>
internal sealed class GrpcCall
{
    private readonly HttpContext _http;
    private readonly GrpcMethod _method;
    private readonly CallLifetime _lifetime;
    private readonly ILogger _logger;
    private readonly CallContext _context;
    private readonly MessageReader _requests;
    private readonly MessageWriter _responses;

    /// <summary>Prepares a call; <paramref name="lifetime"/> stays its caller's to dispose.</summary>
    public GrpcCall(HttpContext http, GrpcMethod method, CallLifetime lifetime, bool isGzip, GrpcOptions options, ILogger logger)
    {
        _http = http;
        _method = method;
        _lifetime = lifetime;
        _logger = logger;
        _context = new CallContext(http, method.FullName, lifetime.Deadline, lifetime.Token);
        _requests = new MessageReader(http.Request.BodyReader, options.ReceiveMessageBytesMax, isGzip);
        var mayCompress = options.CompressResponseBytesMin is not null && GrpcEncoding.AcceptsGzip(http.Request.Headers[GrpcHeaders.AcceptEncoding]);
        _responses = new MessageWriter(http.Response, _context, options, mayCompress);
    }

    /// <summary>Has the call answered. Ends after the handler, which the answer may precede when the deadline passes.</summary>
    public async Task RunAsync()
    {
        var work = InvokeAsync();
        if (!await _lifetime.ContainsAsync(work))
        {
            await EndBeforeHandlerAsync();
        }

        // The handler may still use its request; the connection's memory must not be reused before it ends.
        var status = await work;
        if (!_lifetime.IsAborted)
        {
            _responses.TryFinish(status);
        }
    }

    private async Task<RpcStatus> InvokeAsync()
    {
        try
        {
            _context.CancellationToken.ThrowIfCancellationRequested();
            await _method.RunAsync(_requests, _responses, _context);
            return RpcStatus.Ok;
        }
        catch (Exception thrown)
        {
            return HandlerFault.ToStatus(thrown, _lifetime, _method.FullName, _logger);
        }
    }

    private async Task EndBeforeHandlerAsync()
    {
        if (_lifetime.IsAborted)
        {
            return;
        }

        // A write that waits for a slow caller is being ended by the token; the status follows when the handler has taken note.
        if (_responses.TryFinish(RpcStatus.DeadlineExceeded))
        {
            await _http.Response.CompleteAsync();
        }
    }
}
