using System.Text;
using Google.Protobuf;
using IotPlatform.Grpc;

namespace IotPlatform.Api.Rest;

/// <summary>One REST call from its request to its answer.</summary>
internal sealed class RestCall(HttpContext http, RestMethod method, string path, CallLifetime lifetime, JsonFormatter formatter, ILogger logger)
{
    private readonly CallContext _context = new(http, method.Method.FullName, lifetime.Deadline, lifetime.Token);

    /// <summary>Has the call answered. Ends after the handler, which the answer may precede when the deadline passes.</summary>
    public async Task RunAsync()
    {
        var work = InvokeAsync();
        if (await lifetime.ContainsAsync(work))
        {
            await AnswerAsync(await work);
            return;
        }

        if (!lifetime.IsAborted)
        {
            await RestError.WriteAsync(http.Response, RpcStatus.DeadlineExceeded);
            await http.Response.CompleteAsync();
        }

        // The handler may still use its request; the connection's memory must not be reused before it ends.
        await work;
    }

    private async Task<(IMessage? Response, RestRefusal? Refusal)> InvokeAsync()
    {
        try
        {
            lifetime.Token.ThrowIfCancellationRequested();
            var (request, refusal) = await method.ReadAsync(http.Request, path, lifetime.Token);
            return refusal is null ? (await method.Method.InvokeAsync(request, _context), null) : (null, refusal);
        }
        catch (Exception thrown)
        {
            var status = HandlerFault.ToStatus(thrown, lifetime, method.Method.FullName, logger);
            return (null, new RestRefusal(status, status.Code.ToHttpStatus()));
        }
    }

    private Task AnswerAsync((IMessage? Response, RestRefusal? Refusal) outcome)
    {
        if (lifetime.IsAborted)
        {
            return Task.CompletedTask;
        }

        _context.CopyHeadersTo(http.Response.Headers);
        return outcome.Refusal is { } refusal
            ? RestError.WriteAsync(http.Response, refusal.Status, refusal.HttpStatus)
            : WriteAsync(outcome.Response!);
    }

    private Task WriteAsync(IMessage response)
    {
        http.Response.StatusCode = method.Route.SuccessStatus;
        if (method.Route.SuccessStatus is StatusCodes.Status204NoContent)
        {
            return Task.CompletedTask;
        }

        var body = Encoding.UTF8.GetBytes(formatter.Format(response));
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body).AsTask();
    }
}
