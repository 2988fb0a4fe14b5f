using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace IotPlatform.Testkit;

/// <summary>
/// A PostgreSQL server of the tests' own, in a temporary folder and on a free port of the loopback. It ends with the test process, however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "iot";

    // Waits for the end of its input, which is there when the tests close it and when they are killed, and ends the server then. Tests that were
    // killed need the folder no more: they are the guard's parent no longer.
    private const string Guard =
        """
        "$@" >"$FOLDER/log" 2>&1 & pid=$!
        cat >/dev/null
        kill -QUIT $pid 2>/dev/null
        wait $pid
        set -- $(cat /proc/$$/stat)
        [ "$4" = "$PPID" ] || rm -rf "$FOLDER"
        """;

    private readonly PostgresPrograms _programs;
    private readonly DirectoryInfo _folder;
    private readonly bool _isDurable;
    private readonly int _port;
    private Process? _guard;
    private int _databases;

    private PostgresServer(PostgresPrograms programs, DirectoryInfo folder, bool isDurable, int port)
    {
        _programs = programs;
        _folder = folder;
        _isDurable = isDurable;
        _port = port;
    }

    /// <summary>The server's first process, whose children serve the connections.</summary>
    public int ProcessId =>
        int.Parse(File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string DataFolder => Path.Combine(_folder.FullName, "data");

    /// <summary>Makes a server and starts it.</summary>
    /// <param name="programs">The server's programs.</param>
    /// <param name="isDurable">Whether it syncs to disk. Without, it is faster, and says nothing on what survives.</param>
    public static async Task<PostgresServer> CreateAsync(PostgresPrograms programs, bool isDurable = true)
    {
        var folder = Directory.CreateTempSubdirectory("iot-postgres-");
        programs.Own(folder.FullName);
        var server = new PostgresServer(programs, folder, isDurable, FreePort());
        server.Initialize();
        await server.StartAsync();
        return server;
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>How to connect to it.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionStringTo(name);
    }

    /// <summary>Deletes a database, with whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string connectionString) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Starts the server after <see cref="StopAsync"/>, where it was; its databases are as they were.</summary>
    public async Task StartAsync()
    {
        string[] arguments =
        [
            "-D", DataFolder,
            "-p", _port.ToString(CultureInfo.InvariantCulture),
            "-k", _folder.FullName,
            "-c", "listen_addresses=127.0.0.1",
            "-c", _isDurable ? "fsync=on" : "fsync=off",
        ];
        var start = new ProcessStartInfo("/bin/sh", ["-c", Guard, "guard", .. _programs.CommandLine("postgres", arguments)])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        start.Environment["FOLDER"] = _folder.FullName;
        _guard = Process.Start(start)!;
        await Deadline.UntilAsync(AnswersAsync, static answers => answers, $"the PostgreSQL server to answer; its log is in {_folder.FullName}");
    }

    /// <summary>Stops the server.</summary>
    /// <param name="isCrash">Whether it ends as in a crash: at once, and with nothing put in order. Otherwise sessions are told, and closed.</param>
    public async Task StopAsync(bool isCrash)
    {
        var server = ProcessId;
        Signal(isCrash ? PosixSignals.Quit : PosixSignals.Interrupt, server);
        await Deadline.UntilAsync(() => Task.FromResult(HasEnded(server)), static ended => ended, "the PostgreSQL server to stop");
        await EndGuardAsync();
    }

    /// <summary>Holds all processes of the server where they are: connections stay open, and nobody answers.</summary>
    public void Freeze()
    {
        // The one that makes others first.
        var server = ProcessId;
        Signal(PosixSignals.Stop, server);
        foreach (var process in ChildrenOf(server))
        {
            Signal(PosixSignals.Stop, process);
        }
    }

    /// <summary>Lets the server go on after <see cref="Freeze"/>.</summary>
    public void Thaw()
    {
        var server = ProcessId;
        foreach (var process in ChildrenOf(server))
        {
            Signal(PosixSignals.Continue, process);
        }

        Signal(PosixSignals.Continue, server);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndGuardAsync();
        _folder.Delete(recursive: true);
    }

    // Another process may take it before the server does: then the start fails, and says so.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Initialize()
    {
        // A collation that is not that of bytes shows whether the store says itself how its keys compare. Not every build of PostgreSQL has it.
        string[] arguments = ["-D", DataFolder, "-U", User, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        try
        {
            PostgresPrograms.Run(_programs.CommandLine("initdb", [.. arguments, "--locale-provider=icu", "--icu-locale=en"]));
        }
        catch (InvalidOperationException)
        {
            PostgresPrograms.Run(_programs.CommandLine("initdb", arguments));
        }
    }

    private string ConnectionStringTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = User,
        Database = database,
    }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringTo("postgres") + ";Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // Names that this class makes.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await ExecuteAsync("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task EndGuardAsync()
    {
        if (_guard is not { } guard)
        {
            return;
        }

        _guard = null;
        guard.StandardInput.Close();
        await Deadline.WithinAsync(guard.WaitForExitAsync(), "the PostgreSQL server to end");
        guard.Dispose();
    }

    // One that has ended stays as a zombie until the guard looks.
    private static bool HasEnded(int process)
    {
        try
        {
            var state = File.ReadAllText($"/proc/{process}/stat");
            return state[state.LastIndexOf(')')..].StartsWith(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static IEnumerable<int> ChildrenOf(int process) =>
        File.ReadAllText($"/proc/{process}/task/{process}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static id => int.Parse(id, CultureInfo.InvariantCulture));

    private static void Signal(int signal, int process) =>
        PostgresPrograms.Run(["/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process}")]);

    // Source: signal(7).
    private static class PosixSignals
    {
        public const int Interrupt = 2;
        public const int Quit = 3;
        public const int Continue = 18;
        public const int Stop = 19;
    }
}
