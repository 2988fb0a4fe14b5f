using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace IotPlatform.Storage.Sqlite;

/// <summary>
/// Has SQLite wait as long as it means to, in whole milliseconds. Its library is built without <c>usleep</c>, and then takes every wait for a whole second: also the
/// microsecond that it gives another connection's thread for letting go of a lock, while which nothing is written.
/// </summary>
/// <remarks>The waits of a file system are a function of its <c>sqlite3_vfs</c>, which may be registered anew with another one (https://sqlite.org/c3ref/vfs.html).</remarks>
internal static unsafe partial class SqliteSleep
{
    private static readonly Lock Gate = new();
    private static bool _isRegistered;

    /// <summary>From here on, connections that are opened wait by this process's clock. Does nothing on Windows, where they wait for milliseconds anyway.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (_isRegistered || OperatingSystem.IsWindows())
            {
                return;
            }

            // Registered for as long as the process lives.
            var system = Find(null);
            var own = (FileSystem*)NativeMemory.Alloc((nuint)sizeof(FileSystem));
            *own = *system;
            own->Version = Math.Min(system->Version, FileSystem.VersionKnown);
            own->Name = (byte*)Marshal.StringToCoTaskMemUTF8("iot-platform");
            own->Sleep = &Sleep;
            if (Register(own, makeDefault: 1) != 0)
            {
                throw new InvalidOperationException("SQLite does not take a file system that waits in milliseconds.");
            }

            _isRegistered = true;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sleep(FileSystem* fileSystem, int microseconds)
    {
        // Rounded up: 0 ms would only yield, and SQLite be through with its tries before the other thread has run.
        Thread.Sleep((microseconds + 999) / 1_000);
        return microseconds;
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial FileSystem* Find(byte* name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Register(FileSystem* fileSystem, int makeDefault);

    /// <summary><c>sqlite3_vfs</c> of sqlite3.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileSystem
    {
        public const int VersionKnown = 3;

        public int Version;
        public int FileSize;
        public int PathLengthMax;
        public FileSystem* Next;
        public byte* Name;
        public nint Data;
        public nint Open;
        public nint Delete;
        public nint Access;
        public nint FullPathname;
        public nint DlOpen;
        public nint DlError;
        public nint DlSym;
        public nint DlClose;
        public nint Randomness;
        public delegate* unmanaged[Cdecl]<FileSystem*, int, int> Sleep;
        public nint CurrentTime;
        public nint GetLastError;
        public nint CurrentTimeInt64;
        public nint SetSystemCall;
        public nint GetSystemCall;
        public nint NextSystemCall;
    }
}
