Console.Error.WriteLine("The embedded engine runs inside the gateway. Build with -p:Engine=orleans for a silo of its own.");
return 1;
