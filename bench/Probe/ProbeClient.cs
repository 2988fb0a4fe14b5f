using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace IotPlatform.Bench.Probe;

/// <summary>Asks the probe in a measured process.</summary>
internal sealed class ProbeClient : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private NetworkStream? _stream;
    private StreamReader? _reader;

    public ProbeClient(DirectoryInfo folder) => _path = Path.Combine(folder.FullName, "probe");

    /// <summary>What a process needs in its environment to be asked.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment =>
    [
        new("DOTNET_STARTUP_HOOKS", typeof(ProbeClient).Assembly.Location),
        new(ProbeServer.PathVariable, _path),
    ];

    /// <summary>Collects the process's garbage, and answers the bytes of heap that are left.</summary>
    public long SettledHeap() => Ask(ProbeServer.Settle)["heap"];

    /// <summary>What the process has allocated, how long it was stopped for collections, and how often.</summary>
    public (long Bytes, TimeSpan Paused, long Collections) Allocated()
    {
        var answer = Ask(ProbeServer.Allocated);
        return (answer["bytes"], TimeSpan.FromMicroseconds(answer["pause_us"]), answer["collections"]);
    }

    /// <summary>Has the process count what its meters say, until <see cref="Counts"/>.</summary>
    public void Count() => Ask(ProbeServer.Count);

    /// <summary>Has the process count what its store's meter says, until <see cref="Counts"/>.</summary>
    public void CountStore() => Ask(ProbeServer.CountStore);

    /// <summary>What the process has counted since <see cref="Count"/> or <see cref="CountStore"/>.</summary>
    public IReadOnlyDictionary<string, long> Counts() => Ask(ProbeServer.Counts);

    public void Dispose()
    {
        _reader?.Dispose();
        _stream?.Dispose();
    }

    private Dictionary<string, long> Ask(string question)
    {
        if (_stream is null)
        {
            _stream = new NetworkStream(Connect(), ownsSocket: true);
            _reader = new StreamReader(_stream, Encoding.ASCII);
        }

        _stream.Write(Encoding.ASCII.GetBytes(question + "\n"));
        var answer = _reader!.ReadLine() ?? throw new EndOfStreamException("A measured process has ended.");
        return answer.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Split('='))
            .ToDictionary(static pair => pair[0], static pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
    }

    private Socket Connect()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(_path));
                return socket;
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                if (clock.Elapsed > StartLimit)
                {
                    throw new IOException("A measured process does not answer the benchmark: its probe is not there.", exception);
                }
            }

            Thread.Sleep(RetryInterval);
        }
    }
}
