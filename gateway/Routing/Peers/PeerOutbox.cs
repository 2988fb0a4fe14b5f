using IotPlatform.Diagnostics;
using IotPlatform.Gateways;
using IotPlatform.Topics;

namespace IotPlatform.Routing.Peers;

/// <summary>
/// Publishes on their way to another gateway: at most one call is under way, what comes meanwhile travels together in the next one, in its order. A call that
/// fails is made again, with the same number, until the gateway answers or is gone. Full action: QoS 0 is dropped and counted, the rest refused.
/// </summary>
internal sealed partial class PeerOutbox(
    IGatewayPeer peer, GatewayId from, long epoch, Action<RoutedPublish, IReadOnlyList<string>> reroute, GatewayInstruments instruments, TimeProvider time, ILogger logger)
{
    /// <summary>Bytes that may wait.</summary>
    private const int WaitingBytesMax = 32 * 1024 * 1024;

    private const int BatchLengthMax = 1_024;
    private const int BatchBytesMax = 1 << 20;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private long _waitingBytes;
    private long _number;
    private bool _isBusy;
    private bool _isClosed;

    /// <summary>Hands in a publish.</summary>
    /// <param name="message">The publish; owns its memory.</param>
    /// <param name="accepted">Completes when the gateway has taken it, or is gone. Null at QoS 0, which nobody waits for.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(RoutedPublish message, TaskCompletionSource? accepted)
    {
        var bytes = BytesOf(message);
        lock (_gate)
        {
            if (_isClosed)
            {
                // Its sessions are void: nobody is left there to get it.
                accepted?.TrySetResult();
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

    /// <summary>The gateway is gone: its sessions are void, and what waits for them with it.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }

    private static long BytesOf(RoutedPublish message) => 256 + message.Topic.Length + message.Properties.Length + message.Payload.Length;

    private async Task RunAsync()
    {
        // Not on the thread of whoever published first: it would send what others publish meanwhile.
        await Task.Yield();
        var batch = new List<Waiting>();
        while (Take(batch))
        {
            await SendAsync(batch).ConfigureAwait(false);
            foreach (var waiting in batch)
            {
                waiting.Accepted?.TrySetResult();
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

    private async Task SendAsync(List<Waiting> batch)
    {
        var request = new RoutedBatch(from, epoch, ++_number, [.. batch.Select(static waiting => waiting.Message)]);
        while (!Volatile.Read(ref _isClosed))
        {
            try
            {
                var reply = await peer.PublishAsync(request).ConfigureAwait(false);
                foreach (var unserved in reply.Unserved.GroupBy(static share => share.Message, static share => share.Share))
                {
                    reroute(batch[unserved.Key].Message, [.. unserved]);
                }

                return;
            }
            catch (Exception exception)
            {
                LogPublishFailed(logger, exception, batch.Count);
                await Task.Delay(RetryInterval, time).ConfigureAwait(false);
            }
        }

        // Shared subscriptions have members elsewhere, who are to get what this gateway did not take.
        foreach (var waiting in batch.Where(static waiting => !waiting.Message.Shares.IsDefaultOrEmpty))
        {
            reroute(waiting.Message, waiting.Message.Shares);
        }
    }

    [LoggerMessage(4302, LogLevel.Warning, "{Count} publishes could not be handed to another gateway; they are sent again until it answers or is gone")]
    private static partial void LogPublishFailed(ILogger logger, Exception exception, int count);

    private readonly record struct Waiting(RoutedPublish Message, TaskCompletionSource? Accepted);
}
