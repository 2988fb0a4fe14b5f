using System.Net;
using IotPlatform.Diagnostics;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>What a connection does with its channel, where that is nobody else's business.</summary>
public sealed class ChannelConnectionTests : IDisposable
{
    private readonly GatewayInstruments _instruments = new();
    private readonly ManualTime _time = new();
    private readonly Lingering _lingering;

    public ChannelConnectionTests() => _lingering = new Lingering(_instruments, _time);

    public void Dispose()
    {
        _lingering.Dispose();
        _instruments.Dispose();
    }

    // What a WebSocket came in may serve another request by then.
    [Fact]
    public async Task Channel_WhosePeerHasClosed_IsNotAbortedLater()
    {
        using var channel = new Channel();
        await CloseAsync(channel);
        Assert.Equal(1, _lingering.Count);

        channel.PeerCloses();
        await channel.WhenDisposed.InTimeAsync();
        _time.Advance(Lingering.Tick);
        Assert.Equal((0, 0), (_lingering.Count, channel.Aborts));
    }

    [Fact]
    public async Task Channel_WhosePeerDoesNotClose_IsAbortedInTime()
    {
        using var channel = new Channel();
        await CloseAsync(channel);
        _time.Advance(Lingering.TimeMax);
        await channel.WhenDisposed.InTimeAsync();
        Assert.Equal((0, 1), (_lingering.Count, channel.Aborts));
    }

    /// <summary>The server ends a connection over it.</summary>
    private async Task CloseAsync(Channel channel)
    {
        var handler = new FrameHandler();
        var connection = new ChannelConnection(
            ConnectionIds.Next(), channel, new IPEndPoint(IPAddress.Loopback, 1), 1_000, _lingering, static _ => { }, NullLogger<ChannelConnection>.Instance);
        connection.Start(handler);
        connection.CloseWith([1]);
        await handler.WhenClosed.InTimeAsync();
    }

    private sealed class Channel : IByteChannel
    {
        private readonly TaskCompletionSource<bool> _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _aborts;

        public int Aborts => Volatile.Read(ref _aborts);

        public Task WhenDisposed => _disposed.Task;

        public void PeerCloses() => _received.TrySetResult(false);

        public ValueTask<bool> WaitAsync() => new(_received.Task);

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => new(0);

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => ValueTask.CompletedTask;

        public ValueTask EndAsync() => ValueTask.CompletedTask;

        public void Abort()
        {
            Interlocked.Increment(ref _aborts);
            PeerCloses();
        }

        public void Dispose() => _disposed.TrySetResult();
    }
}
