using System.Runtime.InteropServices;
using IotPlatform.Storage.Sqlite;

namespace IotPlatform.Unit.Tests.Storage;

/// <summary>How long SQLite waits when it means to.</summary>
public sealed class SqliteSleepTests
{
    // It says how long it has waited: without this, a whole second.
    [Fact]
    public void Wait_TakesMilliseconds()
    {
        SQLitePCL.Batteries_V2.Init();
        SqliteSleep.Register();
        SqliteSleep.Register();
        Assert.Equal(3, Sleep(3));
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_sleep")]
    private static extern int Sleep(int milliseconds);
}
