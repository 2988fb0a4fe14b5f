using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Small answers that leave together.</summary>
public sealed class ResponseBufferTests
{
    private readonly FakeConnection _connection = new();

    [Fact]
    public void Answers_LeaveInOneSend()
    {
        var buffer = new ResponseBuffer(_connection, stackalloc byte[8]);
        buffer.Write([1, 2]);
        buffer.Write([3]);
        Assert.Empty(_connection.Sent);
        buffer.Flush();
        buffer.Flush();
        Assert.Equal([new byte[] { 1, 2, 3 }], _connection.Sent);
    }

    [Fact]
    public void Answers_ThatFindNoRoom_SendThoseBeforeThemFirst()
    {
        var buffer = new ResponseBuffer(_connection, stackalloc byte[4]);
        buffer.Write([1, 2, 3]);
        buffer.Write([4, 5]);
        buffer.Flush();
        Assert.Equal([new byte[] { 1, 2, 3 }, [4, 5]], _connection.Sent);
    }

    [Fact]
    public void Answer_LargerThanTheBuffer_LeavesAloneAndInOrder()
    {
        var buffer = new ResponseBuffer(_connection, stackalloc byte[4]);
        buffer.Write([1]);
        buffer.Write([2, 3, 4, 5, 6]);
        buffer.Write([7]);
        buffer.Flush();
        Assert.Equal([new byte[] { 1 }, [2, 3, 4, 5, 6], [7]], _connection.Sent);
    }

    [Fact]
    public void Reserve_HasRoomForWhatIsAsked()
    {
        var buffer = new ResponseBuffer(_connection, stackalloc byte[8]);
        buffer.Write([1, 2, 3, 4, 5]);
        var room = buffer.Reserve(4);
        Assert.True(room.Length >= 4);
        room[0] = 9;
        buffer.Advance(1);
        buffer.Flush();
        Assert.Equal([new byte[] { 1, 2, 3, 4, 5 }, [9]], _connection.Sent);
    }
}
