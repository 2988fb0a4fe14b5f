using System.Net;
using IotPlatform.Diagnostics;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>What every connection promises, whatever carries it; over real sockets.</summary>
public abstract class ConnectionTests : IDisposable
{
    private const int SmallSocket = 4096;

    private readonly GatewayInstruments _instruments = new();
    private readonly FrameHandler _handler = new();
    private ConnectionPair? _pair;
    private int _leftCount;

    /// <summary>A connection that has not begun to receive, and its peer.</summary>
    private protected abstract Task<ConnectionPair> ConnectAsync(int pendingBytesMax, int socketBufferBytes);

    protected ConnectionTests() => Lingering = new Lingering(_instruments, TimeProvider.System);

    private protected Lingering Lingering { get; }

    private protected void Left(EndPoint client)
    {
        Assert.Equal(_pair!.Connection.RemoteEndPoint, client);
        _leftCount++;
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Assert.Equal(_handler.ClosedCount, _leftCount);
        Assert.False(_handler.WasMisused, "The handler was called by two threads at once, or after its end.");
        _pair?.Dispose();
        Lingering.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public async Task Frames_SplitAnywhere_ArriveWhole()
    {
        var pair = await StartAsync();
        byte[] stream = [.. FrameHandler.FrameOf(1), .. FrameHandler.FrameOf(), .. FrameHandler.FrameOf(2, 3, 4), .. FrameHandler.FrameOf(5, 6)];
        for (var split = 0; split <= stream.Length; split++)
        {
            var expected = _handler.Frames.Count + 4;
            await pair.Peer.WriteAsync(stream.AsMemory(0, split));
            await pair.Peer.WriteAsync(stream.AsMemory(split));
            await Patience.UntilAsync(() => _handler.Frames.Count == expected);
        }

        Assert.Equal(Enumerable.Repeat("1,0,3,2", stream.Length + 1), _handler.Frames.Select(static f => f.Length).Chunk(4).Select(static c => string.Join(',', c)));
    }

    [Fact]
    public async Task Frames_ByteByByte_ArriveWhole()
    {
        var pair = await StartAsync();
        foreach (var value in FrameHandler.FrameOf([.. Enumerable.Range(0, 200).Select(static i => (byte)i)]))
        {
            await pair.Peer.WriteAsync(new[] { value });
        }

        await Patience.UntilAsync(() => _handler.Frames.Count == 1);
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => (byte)i), _handler.Frames.First());
    }

    [Theory]
    [InlineData(4_092)]
    [InlineData(4_093)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public async Task BigFrame_AmongSmallOnes_ArrivesWhole(int bytes)
    {
        var pair = await StartAsync();
        var body = new byte[bytes];
        new Random(bytes).NextBytes(body);
        byte[] stream = [.. FrameHandler.FrameOf(1), .. FrameHandler.FrameOf(body), .. FrameHandler.FrameOf(2)];
        await pair.Peer.WriteAsync(stream);
        await Patience.UntilAsync(() => _handler.Frames.Count == 3);
        Assert.Equal([1], _handler.Frames.First());
        Assert.True(body.AsSpan().SequenceEqual(_handler.Frames.ElementAt(1)));
        Assert.Equal([2], _handler.Frames.Last());
    }

    [Fact]
    public async Task PausedHandler_GoesOnWithWhatWasLeft_BeforeWhatComes()
    {
        var pair = await StartAsync();
        _handler.OnFrame = static frame => frame[0] == 1 ? ReceiveOutcome.Pause : ReceiveOutcome.Continue;
        await pair.Peer.WriteAsync((byte[])[.. FrameHandler.FrameOf(1), .. FrameHandler.FrameOf(2)]);
        await Patience.UntilAsync(() => _handler.Frames.Count == 1 && !_handler.IsInside);
        await pair.Peer.WriteAsync(FrameHandler.FrameOf(3));
        Assert.Single(_handler.Frames);

        pair.Connection.Resume();
        await Patience.UntilAsync(() => _handler.Frames.Count == 3);
        Assert.Equal([1, 2, 3], _handler.Frames.Select(static f => f[0]));
    }

    [Fact]
    public async Task Resume_BeforeTheHandlerHasReturned_WaitsForIt()
    {
        var pair = await StartAsync();
        using var written = new ManualResetEventSlim();
        using var second = new ManualResetEventSlim();
        _handler.OnFrame = frame =>
        {
            if (frame[0] == 1)
            {
                pair.Connection.Resume();

                // A stream takes one write at a time.
                Assert.True(written.Wait(TimeSpan.FromSeconds(20)));
                pair.Peer.Write(FrameHandler.FrameOf(3));

                // The wait is the time that a wrong implementation has to call a second time.
                second.Wait(TimeSpan.FromMilliseconds(300));
                return ReceiveOutcome.Pause;
            }

            second.Set();
            return ReceiveOutcome.Continue;
        };
        await pair.Peer.WriteAsync((byte[])[.. FrameHandler.FrameOf(1), .. FrameHandler.FrameOf(2)]);
        written.Set();
        await Patience.UntilAsync(() => _handler.Frames.Count == 3);
        Assert.Equal([1, 2, 3], _handler.Frames.Select(static f => f[0]));
        Assert.False(_handler.WasMisused);
    }

    [Fact]
    public async Task StoppedHandler_IsClosedOnce_AndThePeerSeesTheLastWords()
    {
        var pair = await StartAsync();
        _handler.OnFrame = _ =>
        {
            pair.Connection.Send([9, 9]);
            pair.Connection.Close(isGraceful: true);
            return ReceiveOutcome.Stop;
        };

        // Bytes that nobody reads must not turn the end into a reset.
        await pair.Peer.WriteAsync((byte[])[.. FrameHandler.FrameOf(1), .. new byte[1_000]]);
        Assert.Equal([9, 9], await pair.ReadToEndAsync());
        await _handler.WhenClosed.InTimeAsync();
        Assert.Equal(1, _handler.ClosedCount);
    }

    // A client that sends on and on must still see why it was cut off, and the handler must not wait for it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LastPacket_ToAPeerThatStillSends_Arrives_AndTheHandlerIsToldAtOnce(bool isStopped)
    {
        var pair = await StartAsync();
        var end = FrameHandler.FrameOf(9, 9);
        _handler.OnFrame = _ =>
        {
            if (isStopped)
            {
                pair.Connection.CloseWith(end);
            }

            return isStopped ? ReceiveOutcome.Stop : ReceiveOutcome.Continue;
        };
        await pair.Peer.WriteAsync(FrameHandler.FrameOf(1));
        await Patience.UntilAsync(() => !_handler.Frames.IsEmpty, "the first frame");
        if (!isStopped)
        {
            pair.Connection.CloseWith(end);
        }

        await _handler.WhenClosed.InTimeAsync();
        for (var i = 0; i < 20; i++)
        {
            await pair.Peer.WriteAsync(new byte[1_000]);
        }

        Assert.Equal(end, await pair.ReadToEndAsync());
        await Patience.UntilAsync(() => Lingering.Count == 0, "the end of what lingers");
    }

    // It holds a socket for as long as it may, and no longer.
    [Fact]
    public async Task Peer_ThatNeverCloses_IsClosedInTheEnd()
    {
        var pair = await StartAsync();
        pair.Connection.CloseWith(FrameHandler.FrameOf(9));
        await _handler.WhenClosed.InTimeAsync();
        Assert.Equal(1, Lingering.Count);
        await Patience.UntilAsync(() => Lingering.Count == 0, "the end of what lingers");
        Assert.Equal(FrameHandler.FrameOf(9), await pair.ReadAsync(5));
        Assert.False(await pair.ReceivesMoreAsync());
    }

    [Fact]
    public async Task PeerThatGoes_IsNoticed()
    {
        var pair = await StartAsync();
        pair.Peer.Dispose();
        await _handler.WhenClosed.InTimeAsync();
        Assert.Equal(SendOutcome.Closed, pair.Connection.Send([1]));
    }

    [Fact]
    public async Task Send_WithoutASlowReader_ArrivesInOrder()
    {
        var pair = await StartAsync();
        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal(SendOutcome.Sent, pair.Connection.Send([i]));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => (byte)i), await pair.ReadAsync(100));
    }

    [Fact]
    public async Task SlowReader_GetsEverythingInOrder()
    {
        var pair = await StartAsync(pendingBytesMax: 64 << 20, SmallSocket);
        var random = new Random(1);
        var expected = new byte[8 << 20];
        random.NextBytes(expected);
        for (var sent = 0; sent < expected.Length;)
        {
            var length = Math.Min(random.Next(1, 40_000), expected.Length - sent);
            Assert.Equal(SendOutcome.Sent, pair.Connection.Send(expected.AsSpan(sent, length)));
            sent += length;
        }

        var received = await pair.ReadAsync(expected.Length);
        Assert.True(expected.SequenceEqual(received), "Bytes were lost, changed or out of order.");

        // The connection is fast again afterwards.
        Assert.Equal(SendOutcome.Sent, pair.Connection.Send([7]));
        Assert.Equal([7], await pair.ReadAsync(1));
    }

    [Fact]
    public async Task Bound_WhenReached_RefusesWholeFrames_AndGoesOnWhenThePeerReads()
    {
        const int FrameBytes = 1_000;
        const int PendingBytesMax = 50_000;
        var pair = await StartAsync(PendingBytesMax, SmallSocket);
        var sent = 0;
        while (pair.Connection.Send(NumberedFrame(sent, FrameBytes)) == SendOutcome.Sent)
        {
            sent++;
            Assert.True(sent < 100_000, "The bound is never reached.");
        }

        Assert.Equal(SendOutcome.Full, pair.Connection.Send(NumberedFrame(sent, FrameBytes)));
        Assert.True(sent * FrameBytes >= PendingBytesMax);
        for (var i = 0; i < sent; i++)
        {
            var received = await pair.ReadAsync(FrameBytes);
            Assert.True(NumberedFrame(i, FrameBytes).SequenceEqual(received), $"Frame {i} of {sent} is not whole.");
        }

        Assert.Equal(SendOutcome.Sent, pair.Connection.Send(NumberedFrame(sent, FrameBytes)));
        Assert.Equal(NumberedFrame(sent, FrameBytes), await pair.ReadAsync(FrameBytes));
    }

    [Fact]
    public async Task Sends_FromManyThreads_NeverMixTheirFrames()
    {
        const int FrameBytes = 300;
        var pair = await StartAsync(pendingBytesMax: 64 << 20, SmallSocket);
        var sending = Task.Run(() => Parallel.For(0, 2_000, i => pair.Connection.Send(NumberedFrame(i, FrameBytes))));
        var seen = new HashSet<int>();
        for (var i = 0; i < 2_000; i++)
        {
            var frame = await pair.ReadAsync(FrameBytes);
            var number = BitConverter.ToInt32(frame);
            Assert.Equal(NumberedFrame(number, FrameBytes), frame);
            Assert.True(seen.Add(number));
        }

        await sending.InTimeAsync();
    }

    [Fact]
    public async Task Close_FromAnotherThread_NotifiesOnce()
    {
        var pair = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => pair.Connection.Close(isGraceful: i % 2 == 0))));
        await _handler.WhenClosed.InTimeAsync();
        Assert.False(await pair.ReceivesMoreAsync());
        pair.Connection.Close(isGraceful: true);
        Assert.Equal(1, _handler.ClosedCount);
        Assert.Equal(SendOutcome.Closed, pair.Connection.Send([1]));
    }

    [Fact]
    public async Task GracefulClose_OfASlowConnection_SendsWhatIsWaitingFirst()
    {
        var pair = await StartAsync(pendingBytesMax: 64 << 20, SmallSocket);
        var bytes = new byte[4 << 20];
        new Random(2).NextBytes(bytes);
        pair.Connection.Send(bytes);
        pair.Connection.Close(isGraceful: true);
        Assert.Equal(SendOutcome.Closed, pair.Connection.Send([1]));
        var received = await pair.ReadToEndAsync();
        Assert.True(bytes.SequenceEqual(received), "The peer has not got all of it.");
        await _handler.WhenClosed.InTimeAsync();
        Assert.Equal(1, _handler.ClosedCount);
    }

    [Fact]
    public async Task AbruptClose_OfASlowConnection_EndsAtOnce()
    {
        var pair = await StartAsync(pendingBytesMax: 64 << 20, SmallSocket);
        pair.Connection.Send(new byte[4 << 20]);
        pair.Connection.Close(isGraceful: false);
        await _handler.WhenClosed.InTimeAsync();
        Assert.Equal(1, _handler.ClosedCount);
    }

    [Fact]
    public async Task LastPacket_OfASlowConnection_ComesBehindWhatIsWaiting()
    {
        var pair = await StartAsync(pendingBytesMax: 64 << 20, SmallSocket);
        pair.Connection.Send(new byte[4 << 20]);
        pair.Connection.CloseWith([9]);
        Assert.Equal(SendOutcome.Closed, pair.Connection.Send([1]));
        var received = await pair.ReadToEndAsync();
        Assert.Equal((4 << 20) + 1, received.Length);
        Assert.Equal(9, received[^1]);
        await _handler.WhenClosed.InTimeAsync();
    }

    [Fact]
    public async Task LastPacket_WhoeverElseSends_IsTheLast()
    {
        var pair = await StartAsync(pendingBytesMax: 64 << 20);
        var started = new CountdownEvent(4);
        var senders = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            started.Signal();

            // Not more than there is room for: a last packet is sent as far as there is some.
            for (var i = 0; i < 1_000_000 && pair.Connection.Send([1]) != SendOutcome.Closed; i++)
            {
            }
        })).ToArray();
        var reading = pair.ReadToEndAsync();
        Assert.True(started.Wait(TimeSpan.FromSeconds(20)), "Waited for the senders to begin.");
        pair.Connection.CloseWith([9]);
        await Task.WhenAll(senders).InTimeAsync();
        Assert.Equal(9, (await reading)[^1]);
        await _handler.WhenClosed.InTimeAsync();
    }

    private static byte[] NumberedFrame(int number, int bytes)
    {
        var frame = new byte[bytes];
        frame.AsSpan().Fill((byte)number);
        BitConverter.TryWriteBytes(frame, number);
        return frame;
    }

    private protected async Task<ConnectionPair> StartAsync(int pendingBytesMax = 1 << 20, int socketBufferBytes = 0)
    {
        _pair = await ConnectAsync(pendingBytesMax, socketBufferBytes);
        _pair.Start(_handler);
        return _pair;
    }
}
