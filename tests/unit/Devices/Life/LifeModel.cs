using System.Buffers.Binary;
using IotPlatform.Devices;
using Copy = IotPlatform.Gateways.Delivery;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>
/// What must hold of one device's messages, whatever happens. Nothing that was accepted is lost. Each ends once: who has been told that it has ended sees that for
/// ever, and no copy of it follows. First copies come in the order of acceptance. A second copy on one connection says that it is one, and a 5.0 client gets none.
/// </summary>
/// <param name="openMax">How many messages may be open.</param>
/// <param name="isDropping">Whether the oldest make way for newer ones.</param>
internal sealed class LifeModel(int openMax, bool isDropping)
{
    private readonly Lock _gate = new();

    // By the number in its content: what is delivered or listed may not have an id yet that its caller knows.
    private readonly Dictionary<int, LifeMessage> _messages = [];
    private readonly List<(LifeMessage Message, int Process)> _firstCopies = [];
    private Exception? _fault;
    private long _now;
    private long _processBeganAt;
    private int _processes = 1;
    private int _found;
    private int _purges;

    /// <summary>False once the wall clock has been set back: then times say nothing of an order.</summary>
    public bool IsClockSteady { get; set; } = true;

    /// <summary>How many may be open: those that a process found when it began, where they are more than may come in.</summary>
    public int OpenMax => Math.Max(openMax, _found);

    public IReadOnlyList<LifeMessage> Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _messages.Values];
            }
        }
    }

    /// <summary>A message's content, by which it is known.</summary>
    public static byte[] ContentOf(int number, byte first)
    {
        var content = new byte[5];
        content[0] = first;
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(1), number);
        return content;
    }

    /// <summary>A point in the order of what is asked and answered.</summary>
    public long Now() => Interlocked.Increment(ref _now);

    /// <summary>A caller is about to send a message, perhaps not for the first time.</summary>
    public LifeMessage Sending(SendDeviceMessage message)
    {
        lock (_gate)
        {
            var number = NumberOf(message.Payload);
            if (!_messages.TryGetValue(number, out var known))
            {
                _messages.Add(number, known = new LifeMessage(message, message.MessageId ?? $"#{number}") { IsPurged = _purges > 0 });
            }

            return known;
        }
    }

    /// <summary>Writes are about to fail: those that nobody has said to be stored may be among them.</summary>
    public void Failing() => Check(() =>
    {
        foreach (var message in _messages.Values)
        {
            message.MayHaveFailed |= !message.IsAccepted;
        }
    });

    /// <summary>All that are there, and those that come meanwhile, may be purged.</summary>
    public void Purging() => Check(() =>
    {
        _purges++;
        foreach (var message in _messages.Values)
        {
            message.IsPurged = true;
        }
    });

    public void Purged() => Check(() => _purges--);

    /// <summary>Somebody is told how far a message has come.</summary>
    /// <param name="message">What he is told.</param>
    /// <param name="askedAt">When he asked.</param>
    /// <param name="mayBeOnItsWay">Whether the gateway may be about to get a copy.</param>
    /// <param name="isAccepted">Whether it is the answer to a send.</param>
    public void Reported(DeviceMessage message, long askedAt, bool mayBeOnItsWay, bool isAccepted = false) => Check(() =>
    {
        // What a lost process was asked, it has not answered any more.
        if (askedAt < _processBeganAt)
        {
            return;
        }

        var known = _messages[NumberOf(message.Payload)];
        known.IsAccepted |= isAccepted;
        known.Reported(message, askedAt, Now(), IsClockSteady);
        known.IsOver |= message.Progress.IsFinal && !mayBeOnItsWay;
        known.WasSent |= message.Progress.Attempts > 0 && !mayBeOnItsWay;
    });

    /// <summary>The platform has stored that the device acknowledged a message.</summary>
    public void Confirmed(LifeMessage message, long askedAt, bool mayBeOnItsWay) => Check(() => message.IsOver |= askedAt > _processBeganAt && !mayBeOnItsWay);

    /// <summary>A copy reaches the device.</summary>
    public void Arrived(LifeConnection connection, Copy copy, bool isDuplicate) => Check(() =>
    {
        var message = _messages[NumberOf(copy.Payload)];
        message.MessageId = copy.MessageId;
        Assert.False(message.IsOver, $"{message} had ended as {message.Seen}, and was delivered again.");
        if (copy.QoS > 0)
        {
            var isSecond = message.Copies.Contains(connection);
            Assert.False(isSecond && connection.Protocol == DeviceProtocol.Mqtt500, $"{message}: a 5.0 client gets a second copy on one connection.");
            Assert.True(isDuplicate || !isSecond, $"{message}: a second copy on one connection is not marked.");
            Assert.True(isDuplicate || !message.WasSent, $"{message} was {message.Seen}, and a copy is not marked.");
        }

        if (message.Copies.Count == 0)
        {
            _firstCopies.Add((message, _processes));
        }

        message.Copies.Add(connection);
    });

    /// <summary>A process has ended.</summary>
    public void ProcessLost() => Check(() => _processBeganAt = Now());

    /// <summary>Another process begins with what the one before has left on the disk.</summary>
    public void ProcessBegins(IReadOnlyCollection<DeviceMessage> disk) => Check(() =>
    {
        CheckLocked(disk);
        _processes++;
        _found = disk.Count(static message => !message.Progress.IsFinal);
        foreach (var message in _messages.Values)
        {
            message.ProcessLost();
        }
    });

    /// <summary>Nothing is under way.</summary>
    public void Settled(IReadOnlyCollection<DeviceMessage> disk) => Check(() =>
    {
        CheckLocked(disk);
        var open = disk.Count(static message => !message.Progress.IsFinal);
        Assert.True(open <= OpenMax + _messages.Values.Count(static message => message.IsUncertain), $"{open} messages are open, {OpenMax} may be.");
    });

    /// <summary>Nothing is under way any more, and every message has had its time.</summary>
    public void Ended(IReadOnlyCollection<DeviceMessage> disk) => Check(() =>
    {
        CheckLocked(disk);
        Assert.All(disk, static message => Assert.True(message.Progress.IsFinal, $"{message.MessageId} has not ended: {message.Progress}."));

        // While it was being stored, only what nobody can repeat may have gone out.
        Assert.All(_firstCopies, static copy => Assert.True(
            copy.Message.Place is not null || copy.Message.Sent.MessageId is null, $"{copy.Message} went out, and is not on the disk."));

        // What waited for a subscription is overtaken by what needs none.
        var ordered = _firstCopies.Where(static copy => copy.Message is { IsUncertain: false, Sent.Topic: null, Place: not null }).ToList();
        foreach (var process in ordered.GroupBy(static copy => copy.Process))
        {
            CheckOrder(process.Select(static copy => copy.Message));
        }

        // One that had ended before it went out, and whose end was lost with its process, goes out behind others that it made way for.
        CheckOrder(ordered.Where(copy => !isDropping && !copy.Message.MayEndUnsent).Select(static copy => copy.Message));
    });

    /// <summary>Looks at what others change as well; the first fault is kept.</summary>
    public void Check(Action check)
    {
        lock (_gate)
        {
            try
            {
                check();
            }
            catch (Exception exception)
            {
                _fault ??= exception;
            }
        }
    }

    /// <summary>Throws the first fault that was found, on whatever thread.</summary>
    public void ThrowIfFaulty() => Assert.True(_fault is null, $"{_fault}");

    private static int NumberOf(ReadOnlyMemory<byte> content) => BinaryPrimitives.ReadInt32LittleEndian(content.Span[1..]);

    private static void CheckOrder(IEnumerable<LifeMessage> firstCopies)
    {
        var copies = firstCopies.ToList();
        Assert.Equal(copies.OrderBy(static message => message.Place).Select(static message => message.Name), copies.Select(static message => message.Name));
    }

    private void CheckLocked(IReadOnlyCollection<DeviceMessage> disk)
    {
        var now = Now();
        foreach (var stored in disk)
        {
            var message = _messages[NumberOf(stored.Payload)];
            message.Place ??= (_processes, stored.Sequence);
            if (message.Seen.IsFinal || stored.Progress.IsFinal)
            {
                message.Reported(stored, now, now, IsClockSteady);
            }
        }

        var lost = _messages.Values.Where(message => message.IsAccepted && message.Place is null).ToList();
        Assert.True(lost.Count == 0, $"Accepted and lost: {string.Join(", ", lost)}.");
        Assert.True(disk.Count == _messages.Values.Count(static message => message.Place is not null), "What has been seen on the disk is there.");
    }
}
