using IotPlatform.Grpc;

namespace IotPlatform.Api;

/// <summary>How often what somebody watches is looked at. Whoever watches goes on at another gateway when this one stops: he must not hold it up.</summary>
internal sealed class WatchPace(IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Before looking again at once, because there is more to be seen.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the server stops.</exception>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public void ThrowIfOver(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Stopping();
        }
    }

    /// <summary>Waits until it is time to look again.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the server stops.</exception>
    /// <exception cref="OperationCanceledException">The call is over.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await Task.Delay(Interval, time, ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stopping();
        }
    }

    private static RpcException Stopping() => new(StatusCode.Unavailable, "The server is stopping.");
}
