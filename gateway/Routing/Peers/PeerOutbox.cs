using System.Collections.Immutable;
using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Hosting;
using IotPlatform.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>
/// Publishes on their way to another gateway: at most one call is under way, what comes meanwhile travels together in the next one, in its order. A call that
/// fails is made again, with the same number, until the gateway answers or is gone. Full action: QoS 0 is dropped and counted, the rest refused.
/// </summary>
/// <param name="to">The other gateway.</param>
/// <param name="self">This gateway.</param>
/// <param name="numbers">Where batches get their numbers.</param>
/// <param name="reroute">
/// Gives a publish to other members of shared subscriptions that the gateway did not serve. Answers when they have taken it; null when nobody is waited for.
/// </param>
/// <param name="instruments">Counts what waits.</param>
/// <param name="time">Paces what is tried again.</param>
/// <param name="logger">Where failures are told.</param>
internal sealed partial class PeerOutbox(
    GatewayLease to,
    GatewayIdentity self,
    CallNumbers numbers,
    Func<RoutedPublish, IReadOnlyList<string>, Task<bool>?> reroute,
    GatewayInstruments instruments,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Bytes that may wait.</summary>
    private const int WaitingBytesMax = 32 * 1024 * 1024;

    private const int BatchLengthMax = 1_024;
    private const int BatchBytesMax = 1 << 20;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private long _waitingBytes;
    private bool _isBusy;
    private bool _isFailing;
    private bool _isClosed;

    /// <summary>Hands in a publish.</summary>
    /// <param name="message">The publish; owns its memory.</param>
    /// <param name="accepted">Completes when the gateway has taken it, or is gone. Null at QoS 0, which nobody waits for.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(RoutedPublish message, TaskCompletionSource<bool>? accepted)
    {
        var bytes = BytesOf(message);
        lock (_gate)
        {
            if (_isClosed)
            {
                _ = GiveUpAsync(message, accepted);
                return true;
            }

            if (_waitingBytes + bytes > WaitingBytesMax)
            {
                return false;
            }

            _waiting.Enqueue(new Waiting(message, accepted));
            _waitingBytes += bytes;
            instruments.PeerQueue(bytes);
            if (_isBusy)
            {
                return true;
            }

            _isBusy = true;
        }

        _ = RunAsync();
        return true;
    }

    /// <summary>The gateway is gone: its sessions are void, and what waits for them with it. No interest of it may be known any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }

    private static long BytesOf(RoutedPublish message) => 256 + message.Topic.Length + message.Properties.Length + message.Payload.Length;

    // Whoever published is told when the last of those who are to have it has taken it.
    private static void Accept(TaskCompletionSource<bool>? accepted, Task<bool>? rerouted)
    {
        if (rerouted is null)
        {
            accepted?.TrySetResult(true);
        }
        else if (accepted is not null)
        {
            _ = AcceptAsync(accepted, rerouted);
        }
    }

    private static async Task AcceptAsync(TaskCompletionSource<bool> accepted, Task<bool> rerouted) =>
        accepted.TrySetResult(await rerouted.ConfigureAwait(false));

    private async Task RunAsync()
    {
        // Not on the thread of whoever published first: it would send what others publish meanwhile.
        await Task.Yield();
        var batch = new List<Waiting>();
        while (Take(batch))
        {
            var reply = await SendAsync(batch).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                Accept(batch[i].Accepted, RerouteUnserved(batch[i].Message, i, reply));
            }
        }
    }

    private bool Take(List<Waiting> batch)
    {
        batch.Clear();
        var bytes = 0L;
        lock (_gate)
        {
            while (batch.Count < BatchLengthMax && bytes < BatchBytesMax && _waiting.TryDequeue(out var next))
            {
                bytes += BytesOf(next.Message);
                batch.Add(next);
            }

            _waitingBytes -= bytes;
            instruments.PeerQueue(-bytes);
            return _isBusy = batch.Count > 0;
        }
    }

    /// <returns>Null when the gateway was gone before it answered.</returns>
    private async Task<RoutedReply?> SendAsync(List<Waiting> batch)
    {
        var request = new RoutedBatch(self.Gateway, self.Epoch, numbers.Next(), [.. batch.Select(static waiting => waiting.Message)]);
        RoutedReply? reply = null;
        while (reply is null && !Volatile.Read(ref _isClosed))
        {
            reply = await TrySendAsync(request).ConfigureAwait(false);
        }

        return reply;
    }

    private async Task<RoutedReply?> TrySendAsync(RoutedBatch request)
    {
        try
        {
            var reply = await to.Peer.PublishAsync(request).ConfigureAwait(false);
            _isFailing = false;
            return reply;
        }
        catch (Exception exception)
        {
            if (!_isFailing)
            {
                LogPublishFailed(logger, exception, request.Messages.Length, to.Gateway);
            }

            _isFailing = true;
            await Task.Delay(RetryInterval, time).ConfigureAwait(false);
            return null;
        }
    }

    // Shared subscriptions have members elsewhere, who are to get what this gateway did not take.
    private Task<bool>? RerouteUnserved(RoutedPublish message, int place, RoutedReply? reply)
    {
        if (message.Shares.IsDefaultOrEmpty)
        {
            return null;
        }

        ImmutableArray<string> unserved = reply is null ? message.Shares
            : [.. reply.Unserved.Where(share => share.Message == place).Select(static share => share.Share)];
        return unserved.IsEmpty ? null : reroute(message, unserved);
    }

    private async Task GiveUpAsync(RoutedPublish message, TaskCompletionSource<bool>? accepted)
    {
        // Whoever publishes has not finished with the other receivers.
        await Task.Yield();
        Accept(accepted, RerouteUnserved(message, place: 0, reply: null));
    }

    [LoggerMessage(4302, LogLevel.Warning, "{Count} publishes could not be handed to gateway {Gateway}; they are sent again until it answers or is gone")]
    private static partial void LogPublishFailed(ILogger logger, Exception exception, int count, GatewayId gateway);

    private readonly record struct Waiting(RoutedPublish Message, TaskCompletionSource<bool>? Accepted);
}
