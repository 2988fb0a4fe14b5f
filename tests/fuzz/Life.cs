using System.Net;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Fuzz;

/// <summary>One connection from its beginning to its end. All that it sends follows from the seed and its number.</summary>
internal sealed class Life
{
    private const int PacketsMax = 40;
    private const int ClientIds = 48;
    private const int KeptClientIds = 12;
    private const int Addresses = 1_000;

    /// <summary>More is no use: a packet of that length is noise.</summary>
    private const int FillBytesMax = 4_096;

    private readonly Random _random;
    private readonly StartState _start;
    private readonly PacketSource _source;
    private readonly MemoryConnection _connection;
    private readonly ServerPackets _packets;
    private readonly Findings _findings;
    private readonly string _name;

    public Life(FuzzHost host, Findings findings, int seed, int number)
    {
        _random = new Random(HashOf(seed, number));
        _start = (StartState)_random.Next(5);
        var version = _start switch
        {
            StartState.Connected311 => ProtocolVersion.Mqtt311,
            StartState.Connected500 => ProtocolVersion.Mqtt500,
            _ => (ProtocolVersion)_random.Next(4, 6),
        };
        _findings = findings;
        _name = $"seed {seed}, connection {number} ({_start})";
        _source = new PacketSource(_random, version, _start == StartState.Kept ? $"k{_random.Next(KeptClientIds)}" : $"f{_random.Next(ClientIds)}");
        _packets = new ServerPackets(_start == StartState.NotConnected ? null : version, findings, _name);
        _connection = new MemoryConnection(host.Connections, _packets, findings, _name, new IPEndPoint(new IPAddress([10, 0, (byte)(number % Addresses / 250), (byte)(number % 250)]), 1000))
        {
            RoomBytes = _random.Next(8) == 0 ? _random.Next(4_000) : int.MaxValue,
        };
    }

    public int Sent { get; private set; }

    public int Mutated { get; private set; }

    public bool IsAccepted => _packets.IsAccepted;

    /// <summary>What was sent, as it was split.</summary>
    public List<byte[]>? Written { get; init; }

    public async Task RunAsync()
    {
        foreach (var packet in Beginning())
        {
            Write(packet);
            Sent++;
            await _connection.UntilReadAsync();
        }

        await SendAsync(Stream());
        await _connection.UntilReadAsync();
        await CheckAsync();
        if (_random.Next(2) == 0 && !_connection.HasEnded)
        {
            Write(new DisconnectPacket().ToArray(ProtocolVersion.Mqtt311));
            await _connection.UntilReadAsync();
        }

        _connection.Abort();
        await _connection.UntilEndedAsync();
    }

    // The generator of the runtime takes a seed whose neighbours are not alike.
    private static int HashOf(int seed, int number) => unchecked(((seed * 16777619) ^ number) * (int)2654435761);

    private IEnumerable<byte[]> Beginning()
    {
        if (_start == StartState.NotConnected)
        {
            yield break;
        }

        yield return _source.Connect(isKept: _start == StartState.Kept || _random.Next(4) == 0, cleanStart: _start != StartState.Kept || _random.Next(4) == 0);
        if (_start is StartState.InFlight or StartState.Kept)
        {
            yield return _source.Subscribe(_source.OwnTopic, QoS.ExactlyOnce);
            for (var i = 0; i < 4; i++)
            {
                yield return _source.Publish(_source.OwnTopic, (QoS)(1 + (i % 2)));
            }
        }
    }

    private List<(byte[] Bytes, bool IsMutated)> Stream()
    {
        var packets = new List<(byte[] Bytes, bool IsMutated)>();
        if (_start == StartState.NotConnected && _random.Next(8) != 0)
        {
            packets.Add(Perhaps(_random.Next(2) == 0 ? _source.GoldenConnect() : _source.Connect(isKept: false, cleanStart: true), oneIn: 2));
        }

        // Some connections get far, and others see a fault at once.
        var oneIn = _random.Next(3) switch { 0 => 1, 1 => 4, _ => 16 };
        for (var count = _random.Next(1, PacketsMax); count > 0; count--)
        {
            packets.Add(_random.Next(4 * oneIn) == 0 ? (_source.Any(), true) : Perhaps(_source.Fitting(), oneIn));
            if (_random.Next(10) == 0)
            {
                packets.Add((packets[_random.Next(packets.Count)].Bytes, true));
            }

            if (_random.Next(10) == 0)
            {
                var other = _random.Next(packets.Count);
                (packets[^1], packets[other]) = (packets[other], packets[^1]);
            }
        }

        return packets;
    }

    private (byte[] Bytes, bool IsMutated) Perhaps(byte[] packet, int oneIn) =>
        _random.Next(oneIn) == 0 ? (Mutation.Of(packet, _source.Any(), _random), true) : (packet, false);

    // Split at any place: what is read at once ends where it happens to.
    private async Task SendAsync(List<(byte[] Bytes, bool IsMutated)> packets)
    {
        var longest = _random.Next(4) switch { 0 => 3, 1 => 40, _ => 4_096 };
        var part = new List<byte>();
        foreach (var (bytes, isMutated) in packets)
        {
            if (_connection.HasEnded)
            {
                return;
            }

            Sent++;
            Mutated += isMutated ? 1 : 0;
            foreach (var single in bytes)
            {
                part.Add(single);
                if (part.Count >= longest)
                {
                    Flush(part);
                    longest = longest < 100 ? _random.Next(1, 80) : _random.Next(1, 8_192);
                }
            }

            if (_random.Next(6) == 0)
            {
                Flush(part);
                await _connection.UntilReadAsync();
            }
        }

        Flush(part);
    }

    private void Flush(List<byte> part)
    {
        Write([.. part]);
        part.Clear();
    }

    private void Write(byte[] bytes)
    {
        Written?.Add(bytes);
        _connection.Write(bytes);
    }

    // Whatever came: the connection has ended, or answers.
    private async Task CheckAsync()
    {
        for (var fills = 0; fills < 3 && !_connection.HasEnded && _connection.Missing > 0; fills++)
        {
            if (_connection.Missing > FillBytesMax)
            {
                return;
            }

            Write(new byte[_connection.Missing]);
            await _connection.UntilReadAsync();
        }

        if (_connection.HasEnded || _connection.Missing > 0)
        {
            return;
        }

        var before = _packets.PingResponses;
        Write(PingReqPacket.Encoded.ToArray());
        await _connection.UntilEndedOrAsync(() => _packets.PingResponses > before, "an answer to PINGREQ");
    }
}
