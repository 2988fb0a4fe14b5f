using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>
/// A device that wants to stay connected: when it loses its gateway, it goes to the other one. Some come and go by themselves, and come back wherever
/// they like. It tells of everything that arrives.
/// </summary>
internal sealed class LoadDevice(Device device, IReadOnlyList<GatewayProcess> gateways, int home, ProtocolVersion version, bool isLasting, Action<LoadDevice, Arrival, ReceivedPublish> arrived)
{
    /// <summary>Seconds that a lasting session of a 5.0 device outlives its connection.</summary>
    private const uint SessionExpiry = 300;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(12);

    private readonly ConcurrentQueue<(int Gateway, long At)> _ways = new();
    private readonly int[] _sessions = new int[gateways.Count];
    private int _connections;
    private int _sessionNumber;
    private volatile bool _isOnline;

    public Device Device => device;

    public bool IsOnline => _isOnline;

    /// <summary>Connections that it has had.</summary>
    public int Connections => _connections;

    /// <summary>To which gateways it came, how many seconds ago.</summary>
    public string Ways => string.Join(' ', _ways.Select(static way => $"to {way.Gateway + 1} ({Stopwatch.GetElapsedTime(way.At).TotalSeconds:F1})"));

    /// <summary>Whether it leaves now and then.</summary>
    public bool ComesAndGoes { get; set; }

    /// <summary>Milliseconds that it takes at most to acknowledge a message; 0: it does so at once.</summary>
    public int AcknowledgeMax { get; init; }

    /// <summary>What it does on each new connection before it counts as online.</summary>
    public Func<RawClient, Task>? Greeting { get; init; }

    /// <summary>What it does while it is connected; by default it only listens.</summary>
    public Func<RawClient, CancellationToken, Task>? Talk { get; init; }

    /// <summary>Told when it is online, and when no more.</summary>
    public Action<bool>? Changed { get; init; }

    /// <summary>Connects again and again until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var at = home;
        while (!stopping.IsCancellationRequested)
        {
            var hasLeft = await TryStayAsync(at, stopping);
            at = hasLeft ? Random.Shared.Next(gateways.Count) : (at + 1) % gateways.Count;
            await PauseAsync(hasLeft ? 1_000 : 200, stopping);
        }
    }

    private static async Task PauseAsync(int millisecondsMax, CancellationToken stopping) =>
        await Task.Delay(Random.Shared.Next(50, millisecondsMax), stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <returns>Whether it left by its own will.</returns>
    private async Task<bool> TryStayAsync(int at, CancellationToken stopping)
    {
        RawClient? client = null;
        Arrival? connection = null;
        var openedAt = Stopwatch.GetTimestamp();
        try
        {
            client = await RawClient.OpenAsync(gateways[at].Mqtt, version, acknowledges: AcknowledgeMax == 0);
            client.Send(device.Connect(version, cleanStart: !isLasting, sessionExpiry: isLasting && version == ProtocolVersion.Mqtt500 ? SessionExpiry : null));
            var connAck = await Deadline.WithinAsync(client.ConnAckAsync(), "CONNACK", ConnectPatience);
            if (connAck.ReasonCode != ReasonCode.Success)
            {
                return false;
            }

            _ways.Enqueue((at, Stopwatch.GetTimestamp()));
            _sessionNumber += connAck.SessionPresent ? 0 : 1;
            connection = new Arrival(SessionAt(at, connAck.SessionPresent), Interlocked.Increment(ref _connections), IsMarked: false, openedAt, _sessionNumber);
            return await StayAsync(client, connection.Value, stopping);
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            return false;
        }
        finally
        {
            SetOnline(false);
            if (client is not null)
            {
                await CloseAsync(client, connection);
            }
        }
    }

    // What has been received and acknowledged counts, even where the device was leaving.
    private async Task CloseAsync(RawClient client, Arrival? connection)
    {
        if (Random.Shared.Next(2) == 0)
        {
            client.Abort();
        }

        await client.DisposeAsync();
        while (client.TryReceive(out var message))
        {
            arrived(this, connection!.Value with { IsMarked = message!.IsDuplicate }, message);
        }
    }

    private SessionKey SessionAt(int gateway, bool isPresent)
    {
        if (!isPresent)
        {
            _sessions[gateway]++;
        }

        return new SessionKey(gateway, _sessions[gateway]);
    }

    private async Task<bool> StayAsync(RawClient client, Arrival connection, CancellationToken stopping)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var listening = ListenAsync(client, connection, leaving.Token);
        if (Greeting is not null)
        {
            await Greeting(client);
        }

        SetOnline(true);
        if (ComesAndGoes)
        {
            leaving.CancelAfter(Random.Shared.Next(500, 4_000));
        }

        var talking = Talk?.Invoke(client, leaving.Token) ?? Task.CompletedTask;
        var hasLeft = await listening;
        await leaving.CancelAsync();
        await talking;
        return hasLeft;
    }

    /// <returns>False when the connection was lost.</returns>
    private async Task<bool> ListenAsync(RawClient client, Arrival connection, CancellationToken leaving)
    {
        try
        {
            await foreach (var message in client.MessagesAsync(leaving))
            {
                arrived(this, connection with { IsMarked = message.IsDuplicate }, message);
                if (AcknowledgeMax > 0)
                {
                    _ = AcknowledgeLaterAsync(client, message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (IOException)
        {
        }

        return false;
    }

    private async Task AcknowledgeLaterAsync(RawClient client, ReceivedPublish message)
    {
        try
        {
            await Task.Delay(Random.Shared.Next(AcknowledgeMax));
            client.Acknowledge(message);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The connection is gone: the platform will send it again.
        }
    }

    private void SetOnline(bool isOnline)
    {
        if (_isOnline != isOnline)
        {
            _isOnline = isOnline;
            Changed?.Invoke(isOnline);
        }
    }
}
